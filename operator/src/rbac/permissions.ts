/** One line of the table: verbs on resources of one API group, and what the operator does with them. */
export interface Permission {
  /** '' is the core group. */
  readonly group: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly why: string;
}

const read = ['get', 'list', 'watch'] as const;
/** For what lives as long as the agent: the garbage collector deletes it. `create` and `patch` are what a server-side apply asks for. */
const keep = [...read, 'create', 'patch'] as const;
/** For what comes and goes with revisions. */
const replace = [...keep, 'delete'] as const;
/** For what is never changed once it is written. */
const record = [...read, 'create', 'delete'] as const;

/**
 * What the operator may do in the namespaces it watches; the chart and the reference are generated from here.
 * No verb on secrets: the kubelet puts keys into the pods, the operator never sees one.
 */
export const operatorPermissions: readonly Permission[] = [
  { group: 'sluice.dev', resources: ['agentdeployments', 'modelproviders', 'evalsuites'], verbs: read, why: 'Reads what users ask for; it never changes a spec.' },
  { group: 'sluice.dev', resources: ['releases', 'evalruns'], verbs: record, why: 'Makes the records of releases and evaluations and deletes expired ones; their specs are immutable.' },
  { group: 'sluice.dev', resources: ['agentdeployments/status', 'releases/status', 'evalruns/status'], verbs: ['update', 'patch'], why: 'Reports what it found and did.' },
  {
    group: 'sluice.dev',
    resources: ['agentdeployments/finalizers', 'releases/finalizers', 'evalruns/finalizers'],
    verbs: ['update'],
    why: 'Sets owner references that block the deletion of the owner, where the API server checks that right.',
  },
  { group: '', resources: ['configmaps'], verbs: record, why: 'Keeps the bundle of each revision and reads the prompts that agents refer to.' },
  { group: '', resources: ['services', 'serviceaccounts'], verbs: keep, why: 'Gives an agent its address and its identity.' },
  { group: '', resources: ['pods'], verbs: ['list', 'watch'], why: 'Counts ready pods and finds the addresses to measure.' },
  { group: 'apps', resources: ['deployments'], verbs: replace, why: 'Runs one Deployment for each revision.' },
  { group: 'autoscaling', resources: ['horizontalpodautoscalers'], verbs: replace, why: 'Scales revisions where the agent asks for it.' },
  { group: 'policy', resources: ['poddisruptionbudgets'], verbs: keep, why: 'Keeps an agent answering while nodes are drained.' },
  { group: 'networking.k8s.io', resources: ['networkpolicies'], verbs: replace, why: 'Limits where an agent may connect to.' },
  { group: 'batch', resources: ['jobs'], verbs: record, why: 'Runs evaluations.' },
  { group: 'events.k8s.io', resources: ['events'], verbs: ['create', 'patch'], why: 'Tells what happened; a repeated event is counted up.' },
];

/** What the operator may do in its own namespace besides. */
export const leaderElectionPermissions: readonly Permission[] = [
  { group: 'coordination.k8s.io', resources: ['leases'], verbs: ['get', 'create', 'update', 'patch'], why: 'Makes sure that one replica acts at a time.' },
];

/** Aggregated into the cluster's own `view` role, and with it into `edit` and `admin`. */
export const viewerPermissions: readonly Permission[] = [
  { group: 'sluice.dev', resources: ['agentdeployments', 'modelproviders', 'evalsuites', 'evalruns', 'releases'], verbs: read, why: 'Reads every kind.' },
];

/** Aggregated into the cluster's own `edit` and `admin` roles. Records of releases and evaluations are the operator's alone. */
export const editorPermissions: readonly Permission[] = [
  {
    group: 'sluice.dev',
    resources: ['agentdeployments', 'modelproviders', 'evalsuites'],
    verbs: ['create', 'update', 'patch', 'delete', 'deletecollection'],
    why: 'Writes what users write.',
  },
  { group: 'sluice.dev', resources: ['agentdeployments/scale'], verbs: ['get', 'update', 'patch'], why: 'Scales an agent with kubectl scale.' },
];
