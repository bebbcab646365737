import { PORT_WINDOW } from '../cluster/free-ports.ts';

/** Test files that run one after the other, in a vitest project of their own, beside the other lane. */
export interface IntegrationLane {
  /** The vitest project. */
  readonly project: string;
  /** What stands before each line of its output. */
  readonly label: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Added to the environment of its vitest; `undefined` removes a variable. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Whatever can hold a test file. */
export const SOURCES = ['packing', 'crds', 'kube', 'statistics', 'evals', 'operator', 'runtime', 'cli', 'hack', 'test'] as const;

const MODULES = '**/node_modules/**';

/** Folders whose tests start the servers that they need, or need none: nothing there reads SLUICE_TEST_KUBECONFIG. */
const APART = [
  'hack/src/cluster',
  'runtime',
  'test/bench/kill',
  'test/bench/operator',
  'test/dot-i-compat/side-by-side',
  'test/embedding',
  'test/kube-faults',
  'test/kube-package/watch-memory',
  'test/mlflow',
  'test/prometheus',
  'test/runtime-proof',
  'test/stores',
].map((folder) => `${folder}/**/*.integration.test.ts`);

/** The operators of these tests watch all namespaces of one API server, so no two files may run at once. A new file is here unless a folder above says otherwise. */
export const API_SERVER_LANE: IntegrationLane = {
  project: 'integration-api-server',
  label: 'api-server',
  include: SOURCES.map((folder) => `${folder}/**/*.integration.test.ts`),
  exclude: [MODULES, ...APART],
  env: { [PORT_WINDOW]: '15000-21999' },
};

export const APART_LANE: IntegrationLane = {
  project: 'integration-apart',
  label: 'apart',
  include: APART,
  exclude: [MODULES],
  // A test that is in the wrong lane says that it has no API server, instead of disturbing those of the other.
  env: { [PORT_WINDOW]: '22000-28999', SLUICE_TEST_KUBECONFIG: undefined },
};

export const INTEGRATION_LANES = [API_SERVER_LANE, APART_LANE] as const;
