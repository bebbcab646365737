import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';

const NAME = 'prometheus';
const PORT = 9090;
const SCRIPTS = ['prometheus-main.ts', 'receive-main.ts', 'targets.ts'];
const FOLDER = '/data';
const PROGRAM = `${FOLDER}/prometheus`;
/** Agents are looked at each 3 s: what is older than a look makes it wait. */
const SCRAPE_INTERVAL = '1s';
const SEND_TIMEOUT_MS = 120_000;

export interface PrometheusPlace {
  readonly namespace: string;
  readonly testToolsImage: string;
}

export function prometheusUrl(namespace: string): string {
  return `http://${NAME}.${namespace}.svc:${PORT}`;
}

/** A pod that waits for the program, the Service in front of it, and the right to see which pods there are. */
export async function prometheusObjects({ namespace, testToolsImage }: PrometheusPlace): Promise<object[]> {
  const metadata = { name: NAME, namespace };
  const texts = await Promise.all(SCRIPTS.map(async (name) => [name, await readFile(new URL(`pods/${name}`, import.meta.url), 'utf8')] as const));
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }] },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: NAME }, subjects: [{ kind: 'ServiceAccount', name: NAME, namespace }] },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { ...Object.fromEntries(texts), 'package.json': '{"type":"module"}' } },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: { app: NAME }, ports: [{ name: 'http', port: PORT, targetPort: PORT }] } },
    { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, labels: { app: NAME } }, spec: podSpec(namespace, testToolsImage) },
  ];
}

/** What one would write for it; the address is that of the script beside it. */
export function scrapeConfig(): object {
  return {
    global: { scrape_interval: SCRAPE_INTERVAL, scrape_timeout: SCRAPE_INTERVAL },
    scrape_configs: [{ job_name: 'agents', http_sd_configs: [{ url: 'http://127.0.0.1:8090/', refresh_interval: SCRAPE_INTERVAL }] }],
  };
}

function podSpec(namespace: string, image: string): object {
  const env = { PROGRAM, FOLDER, CONFIG: JSON.stringify(scrapeConfig()), NAMESPACE: namespace, NODE_EXTRA_CA_CERTS: '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt' };
  return {
    serviceAccountName: NAME,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 5,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, fsGroup: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    volumes: [{ name: 'scripts', configMap: { name: NAME } }, { name: 'data', emptyDir: {} }],
    containers: [
      {
        name: NAME,
        image,
        imagePullPolicy: 'IfNotPresent',
        args: ['/scripts/prometheus-main.ts'],
        env: Object.entries(env).map(([name, value]) => ({ name, value })),
        ports: [{ name: 'http', containerPort: PORT }],
        resources: { requests: { cpu: '50m', memory: '128Mi' } },
        volumeMounts: [{ name: 'scripts', mountPath: '/scripts' }, { name: 'data', mountPath: FOLDER }],
        readinessProbe: { httpGet: { path: '/-/ready', port: PORT }, periodSeconds: 1 },
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
      },
    ],
  };
}

export interface SendOptions {
  /** Paths of programs and files of this machine. */
  readonly kubectl: string;
  readonly kubeconfig: string;
  readonly program: string;
  readonly namespace: string;
  readonly signal: AbortSignal;
}

/** Gives the pod its program, through the API server: so it comes to a node wherever that is. Throws when it does not arrive. */
export async function sendProgram({ kubectl, kubeconfig, program, namespace, signal }: SendOptions): Promise<void> {
  const file = await open(program);
  try {
    const args = [`--kubeconfig=${kubeconfig}`, '-n', namespace, 'exec', '-i', NAME, '--', 'node', '/scripts/receive-main.ts'];
    const child = spawn(kubectl, args, { stdio: [file.fd, 'ignore', 'pipe'], signal: AbortSignal.any([signal, AbortSignal.timeout(SEND_TIMEOUT_MS)]) });
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-2_000)));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`Prometheus could not be sent into the cluster: kubectl exec ended with ${code}: ${said.trim()}`);
  } finally {
    await file.close();
  }
}
