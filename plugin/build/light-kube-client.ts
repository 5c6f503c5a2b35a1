import type { Plugin } from 'esbuild';
import { rewriteFile } from './rewrite.ts';

const CLIENT = '@kubernetes/client-node';

/**
 * Keeps of the Kubernetes client what netdebug uses: kubeconfig, credentials, exec. Requests go through node:https, so
 * undici is left out, and what only proxies or an OpenID refresh need is loaded when a kubeconfig asks for it.
 * 127 ms to load become 84.
 */
export const lightKubeClient: Plugin = {
  name: 'light-kube-client',
  setup(build) {
    rewriteFile(build, {
      packageName: CLIENT,
      file: 'dist/config.js',
      rewrites: [
        {
          // gen/index.js pulls in 914 model files.
          find: "import { createConfiguration, ServerConfiguration, } from './gen/index.js';",
          use: "import { createConfiguration } from './gen/configuration.js'; import { ServerConfiguration } from './gen/servers.js';",
        },
        {
          find: "import { SocksProxyAgent } from 'socks-proxy-agent';",
          use: `
let SocksProxyAgent, HttpProxyAgent, HttpsProxyAgent;
async function loadProxyAgents(cluster) {
  if (!cluster || !cluster.proxyUrl) return;
  if (cluster.proxyUrl.startsWith('socks')) ({ SocksProxyAgent } = await import('socks-proxy-agent'));
  else ({ HttpProxyAgent, HttpsProxyAgent } = await import('hpagent'));
}`,
        },
        { find: "import { HttpProxyAgent, HttpsProxyAgent } from 'hpagent';", use: '' },
        {
          find: 'opts.agent = this.createAgent(cluster, agentOptions);',
          use: 'await loadProxyAgents(cluster); opts.agent = this.createAgent(cluster, agentOptions);',
        },
        // Only behind undici's SOCKS connector, see below.
        { find: "import { SocksClient } from 'socks';", use: '' },
      ],
    });

    rewriteFile(build, {
      packageName: CLIENT,
      file: 'dist/exec_auth.js',
      // Reading it would load node:child_process for every kubeconfig.
      rewrites: [
        {
          find: 'this.execFn = child_process.spawn;',
          use: 'this.execFn = (...args) => child_process.spawn(...args);',
        },
      ],
    });

    rewriteFile(build, {
      packageName: CLIENT,
      file: 'dist/oidc_auth.js',
      rewrites: [
        { find: "import * as oidc from 'openid-client';", use: '' },
        {
          find: 'const newToken = await oidc.refreshTokenGrant(',
          use: "const oidc = await import('openid-client'); const newToken = await oidc.refreshTokenGrant(",
        },
        { find: 'let configuration;', use: "const oidc = await import('openid-client'); let configuration;" },
      ],
    });

    build.onResolve({ filter: /^undici$/ }, () => ({ path: 'undici', namespace: 'left-out' }));
    build.onLoad({ filter: /.*/, namespace: 'left-out' }, () => ({ contents: WITHOUT_UNDICI }));
  },
};

const WITHOUT_UNDICI = `
class LeftOut {
  constructor() { throw new Error('undici is not part of this bundle: use KubeConfig.applyToHTTPSOptions with node:https.'); }
}
export { LeftOut as Agent, LeftOut as ProxyAgent };
export function fetch() { return new LeftOut(); }
`;
