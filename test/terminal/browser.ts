/** A headless Chromium, driven by its DevTools protocol: https://chromedevtools.github.io/devtools-protocol/ */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Path of a Chromium on PATH; null when there is none. */
export function findChromium(): string | null {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];
  const found = names.map((name) => spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim());
  return found.find((path) => path !== '') ?? null;
}

export interface View {
  readonly width: number;
  readonly dark?: boolean;
  /** False: the page's own script does not run. */
  readonly script?: boolean;
  readonly print?: boolean;
}

export interface Shown {
  /** Whatever the page complained about, and every request other than for itself. */
  readonly complaints: readonly string[];
  /** The value of an expression in the page. */
  ask<T>(expression: string): Promise<T>;
  /** Roles and names of what a screen reader is told. */
  spoken(): Promise<readonly { readonly role: string; readonly name: string }[]>;
  /** The whole page as PNG, base64. */
  picture(): Promise<string>;
}

export interface Browser {
  show(url: string, view: View): Promise<Shown>;
  close(): Promise<void>;
}

type Message = {
  id?: number;
  sessionId?: string;
  method?: string;
  params?: unknown;
  result?: unknown;
  error?: unknown;
};

export async function openBrowser(path: string): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'netdebug-chromium-'));
  const flags = ['--headless', '--disable-gpu', '--no-first-run', '--hide-scrollbars', '--remote-debugging-port=0'];
  // Chromium refuses to run in its sandbox as root; the page is our own.
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const child = spawn(path, [...flags, ...asRoot, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const address = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const listening = said.match(/DevTools listening on (ws:\S+)/)?.[1];
      if (listening !== undefined) resolve(listening);
    });
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`${path} ended with ${code}: ${said}`)));
  });
  const socket = new WebSocket(address);
  await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
  const answers = new Map<number, (message: Message) => void>();
  const listeners = new Set<(message: Message) => void>();
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.id !== undefined) answers.get(message.id)?.(message);
    for (const listen of listeners) listen(message);
  });
  let last = 0;
  const call = async <T>(method: string, params: object = {}, sessionId?: string): Promise<T> => {
    const id = ++last;
    const answer = new Promise<Message>((resolve) => answers.set(id, resolve));
    socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }));
    const { result, error } = await answer;
    answers.delete(id);
    if (error !== undefined) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return result as T;
  };
  return {
    show: (url, view) => show(call, listeners, url, view),
    close: async () => {
      const ended = new Promise((resolve) => child.on('exit', resolve));
      await call('Browser.close').catch(() => child.kill());
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

type Call = <T>(method: string, params?: object, sessionId?: string) => Promise<T>;

async function show(call: Call, listeners: Set<(message: Message) => void>, url: string, view: View): Promise<Shown> {
  const { targetId } = await call<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
  const attach = { targetId, flatten: true };
  const { sessionId } = await call<{ sessionId: string }>('Target.attachToTarget', attach);
  const tell = <T>(method: string, params: object = {}): Promise<T> => call<T>(method, params, sessionId);
  const complaints: string[] = [];
  const loaded = new Promise<void>((resolve) => {
    listeners.add((message) => {
      if (message.sessionId !== sessionId) return;
      const complaint = complaintIn(message, url);
      if (complaint !== null) complaints.push(complaint);
      if (message.method === 'Page.loadEventFired') resolve();
    });
  });
  const scheme = { name: 'prefers-color-scheme', value: view.dark === true ? 'dark' : 'light' };
  const metrics = { width: view.width, height: 900, deviceScaleFactor: 1, mobile: view.width < 600 };
  await tell('Emulation.setDeviceMetricsOverride', metrics);
  await tell('Emulation.setEmulatedMedia', { media: view.print === true ? 'print' : 'screen', features: [scheme] });
  await tell('Emulation.setScriptExecutionDisabled', { value: view.script === false });
  for (const domain of ['Page', 'Network', 'Runtime', 'Log', 'Accessibility']) await tell(`${domain}.enable`);
  await tell('Page.navigate', { url });
  await loaded;
  return {
    complaints,
    ask: async <T>(expression: string) => {
      const evaluate = { expression, returnByValue: true, awaitPromise: true };
      const { result, exceptionDetails } = await tell<{ result: { value: T }; exceptionDetails?: { text: string } }>(
        'Runtime.evaluate',
        evaluate,
      );
      if (exceptionDetails !== undefined) throw new Error(`${expression}: ${exceptionDetails.text}`);
      return result.value;
    },
    spoken: async () => {
      type Node = { role?: { value: string }; name?: { value: string }; ignored: boolean };
      const { nodes } = await tell<{ nodes: readonly Node[] }>('Accessibility.getFullAXTree');
      return nodes
        .filter(({ ignored }) => !ignored)
        .map(({ role, name }) => ({ role: role?.value ?? '', name: name?.value ?? '' }));
    },
    picture: async () => (await tell<{ data: string }>('Page.captureScreenshot', { captureBeyondViewport: true })).data,
  };
}

function complaintIn({ method, params }: Message, url: string): string | null {
  switch (method) {
    case 'Runtime.exceptionThrown':
    case 'Log.entryAdded':
      return JSON.stringify(params);
    case 'Runtime.consoleAPICalled':
      return JSON.stringify(params);
    case 'Network.requestWillBeSent': {
      const asked = (params as { request: { url: string } }).request.url;
      return asked === url || asked.startsWith('data:') ? null : `a request for ${asked}`;
    }
    default:
      return null;
  }
}
