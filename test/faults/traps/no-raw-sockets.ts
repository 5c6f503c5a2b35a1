import { SHOP } from '../base.ts';
import { defineTrap } from '../define.ts';
import { APP_IMAGE, namespace } from '../objects.ts';

const WHERE = 'strict';
const level = (value: string) => namespace(WHERE, { 'pod-security.kubernetes.io/enforce': value });
const modest = {
  runAsNonRoot: true,
  runAsUser: 1000,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  seccompProfile: { type: 'RuntimeDefault' },
};

export default defineTrap({
  name: 'no-raw-sockets',
  about: 'the namespace of the source admits no raw sockets: neither ping nor a capture works in its debug container',
  objects: [
    namespace(WHERE),
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: WHERE, labels: { app: 'web' } },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [
          {
            name: 'app',
            image: APP_IMAGE,
            imagePullPolicy: 'IfNotPresent',
            command: ['sleep', '1000000'],
            securityContext: modest,
          },
        ],
      },
    },
  ],
  flow: { namespace: WHERE, source: 'web', destination: `api.${SHOP}`, url: `http://api.${SHOP}/` },
  async makeOdd(lab) {
    await lab.apply([level('restricted')], 'no-raw-sockets');
  },
  async odd(lab) {
    const enforced = await lab.field(
      "{.metadata.labels['pod-security\\.kubernetes\\.io/enforce']}",
      'namespace',
      WHERE,
    );
    return { seen: enforced === 'restricted', saw: `${WHERE} enforces ${enforced || 'nothing'}` };
  },
  async undo(lab) {
    await lab.kubectl('label', 'namespace', WHERE, 'pod-security.kubernetes.io/enforce-');
  },
});
