/** As much of a pod as a scrape needs. */
export interface ListedPod {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly status?: { readonly phase?: string; readonly podIP?: string };
}

export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** Of the agents' pods. */
const METRICS_PORT = 8080;

/** What Prometheus is to scrape: each running pod once, with the labels that docs/metrics-sources.md asks for. */
export function targetsOf(pods: readonly ListedPod[]): TargetGroup[] {
  return pods.flatMap(({ metadata: { name, namespace }, status }) => (status?.phase === 'Running' && status.podIP !== undefined ? [{ targets: [`${status.podIP}:${METRICS_PORT}`], labels: { namespace, pod: name } }] : []));
}
