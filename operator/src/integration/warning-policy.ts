import { install } from './chart-objects.ts';
import { renderFor } from './rendered-chart.ts';
import { TestCluster } from './test-cluster.ts';
import { until } from './until.ts';
import { WarnedWrites } from './warned-writes.ts';

/** A ValidatingAdmissionPolicy of the chart that warns, in force in a namespace of its own, and a user whose writes it sees. */
export interface WarningPolicy {
  readonly cluster: TestCluster;
  readonly namespace: string;
  readonly writes: WarnedWrites;
  /** Waits until a write that must be warned of is; an API server takes a moment to know a policy. */
  inForce(probe: () => Promise<readonly string[]>): Promise<void>;
  /** Takes the policy away, too. */
  close(): Promise<void>;
}

/** `suffix`: how the name of the policy ends in the chart, which is the name of the namespace too. Starts nothing: the API server is that of the test run. */
export async function installWarningPolicy(suffix: string): Promise<WarningPolicy> {
  const cluster = await TestCluster.connect(process.env);
  const namespace = await cluster.namespace(suffix);
  const writes = await WarnedWrites.open(cluster, namespace);
  const rendered = await renderFor({ namespace, kubeVersion: '1.36.0' }, `watchNamespaces=["${namespace}"]`);
  const uninstall = await install(cluster, rendered.filter(({ metadata }) => metadata.name.endsWith(`-${suffix}`)), ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding']);
  return {
    cluster,
    namespace,
    writes,
    inForce: async (probe) => {
      await until('the policy is in force', probe, (warnings) => warnings.length > 0);
    },
    close: async () => {
      await uninstall();
      await writes.close();
      await cluster.close();
    },
  };
}
