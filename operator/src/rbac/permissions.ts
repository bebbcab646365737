/** One line of the table: verbs on resources of one API group, and what the operator does with them. */
export interface Permission {
  /** '' is the core group. */
  readonly group: string;
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** The rule holds for the object of that kind alone. */
  readonly only?: 'OperatorLease';
  readonly why: string;
}

const watched = ['list', 'watch'] as const;
const read = ['get', ...watched] as const;
/** For what is written once and goes with its owner: the garbage collector deletes it. `get` tells whose an object of the same name is. */
const once = [...read, 'create'] as const;
/** For what is put back when somebody changes it. */
const keep = [...once, 'patch'] as const;
/** For what comes and goes with revisions. */
const replace = [...keep, 'delete'] as const;
/** For what is never changed once it is written, and deleted when its time is over. */
const record = [...once, 'delete'] as const;

/**
 * What the operator may do in the namespaces it watches; the chart and the reference are generated from here.
 * Exactly what it uses: the integration tests run it with these rights and compare them with its requests.
 * No verb on secrets but those of {@link secretPermissions}: the kubelet puts keys into the pods, the operator never sees one.
 */
export const operatorPermissions: readonly Permission[] = [
  { group: 'sluice.dev', resources: ['agentdeployments', 'modelproviders', 'evalsuites'], verbs: watched, why: 'Reads what users ask for; it never changes a spec.' },
  { group: 'sluice.dev', resources: ['releases'], verbs: record, why: 'Makes the records of releases and deletes expired ones; their specs are immutable.' },
  { group: 'sluice.dev', resources: ['evalruns'], verbs: once, why: 'Makes the records of evaluations, which go with their release; their specs are immutable.' },
  { group: 'sluice.dev', resources: ['agentdeployments/status', 'releases/status', 'evalruns/status'], verbs: ['update'], why: 'Reports what it found and did.' },
  {
    group: 'sluice.dev',
    resources: ['agentdeployments/finalizers', 'releases/finalizers', 'evalruns/finalizers'],
    verbs: ['update'],
    why: 'Sets owner references that block the deletion of the owner, where the API server checks that right.',
  },
  { group: '', resources: ['configmaps'], verbs: record, why: 'Keeps what each revision is made of, and reads the ConfigMaps that agents refer to.' },
  { group: '', resources: ['services'], verbs: replace, why: 'Gives an agent its address, and each revision one for the route of the agent.' },
  { group: '', resources: ['serviceaccounts'], verbs: keep, why: 'Gives an agent its identity.' },
  { group: '', resources: ['pods'], verbs: watched, why: 'Counts ready pods and finds the addresses to measure.' },
  { group: 'apps', resources: ['deployments'], verbs: replace, why: 'Runs one Deployment for each revision.' },
  { group: 'autoscaling', resources: ['horizontalpodautoscalers'], verbs: replace, why: 'Scales revisions where the agent asks for it.' },
  { group: 'policy', resources: ['poddisruptionbudgets'], verbs: keep, why: 'Keeps an agent answering while nodes are drained.' },
  { group: 'networking.k8s.io', resources: ['networkpolicies'], verbs: replace, why: 'Limits where an agent may connect to.' },
  { group: 'gateway.networking.k8s.io', resources: ['httproutes'], verbs: replace, why: 'Divides the requests of an agent that has a route between its revisions.' },
  { group: 'batch', resources: ['jobs'], verbs: record, why: 'Runs evaluations.' },
  { group: 'events.k8s.io', resources: ['events'], verbs: ['create', 'patch'], why: 'Tells what happened; a repeated event is counted up.' },
];

/**
 * The same, with the value `watchSecrets` of the chart. RBAC knows no right to metadata alone; the operator asks for nothing else
 * (docs/decisions/0017-secrets-by-version.md).
 */
export const secretPermissions: readonly Permission[] = [
  { group: '', resources: ['secrets'], verbs: watched, why: 'Notices that a Secret was rotated. It asks for metadata only and keeps nothing of it but a version.' },
];

/**
 * With the chart's `shard` or `rbac.sharding` besides: takes over the agents whose label `sluice.dev/shard` was changed. Children of other
 * kinds it may patch anyway.
 */
export const shardingPermissions: readonly Permission[] = [
  { group: 'sluice.dev', resources: ['releases', 'evalruns'], verbs: ['patch'], why: 'Gives the records of an agent that came from another shard the label of this one.' },
  { group: '', resources: ['configmaps', 'pods'], verbs: ['patch'], why: 'Gives the revisions and pods of an agent that came from another shard the label of this one; nothing restarts.' },
  { group: 'batch', resources: ['jobs'], verbs: ['patch'], why: 'Gives the evaluations of an agent that came from another shard the label of this one.' },
];

/** What the operator may do in its own namespace besides. */
export const leaderElectionPermissions: readonly Permission[] = [
  { group: 'coordination.k8s.io', resources: ['leases'], verbs: ['get', 'create', 'update'], why: 'Makes sure that one replica acts at a time.' },
];

/**
 * What tells the admission policy who is an operator: a verb that the API server itself does not know. Nobody else may have it, because
 * whoever has it may write the records of releases.
 */
export const operatorMark: readonly Permission[] = [
  { group: 'sluice.dev', resources: ['releases'], verbs: ['operate'], why: 'Marks the account as an operator: the admission policy lets nobody else make, delete or relabel Releases.' },
];

const kinds = ['agentdeployments', 'modelproviders', 'evalsuites', 'evalruns', 'releases'] as const;
const written = ['agentdeployments', 'modelproviders', 'evalsuites'] as const;

/**
 * Whether the operator runs, for who looks at what it made. A list by name in all namespaces finds its lease wherever it is, and no other; who has
 * the role in one namespace alone gets nothing by it, and is given {@link operatorSeenPermissions} where that is wanted.
 */
const seesOperator: Permission = {
  group: 'coordination.k8s.io', resources: ['leases'], verbs: ['list'], only: 'OperatorLease', why: 'Sees whether the operator runs, where the role holds in all namespaces.',
};

/** Bound in all namespaces to the groups of `rbac.operatorSeenBy`. */
export const operatorSeenPermissions: readonly Permission[] = [{ ...seesOperator, why: 'Sees whether the operator runs, by its lease and no other.' }];

/** Aggregated into the cluster's own `view` role, and with it into `edit` and `admin`. */
export const viewerPermissions: readonly Permission[] = [
  { group: 'sluice.dev', resources: kinds, verbs: read, why: 'Reads every kind.' },
  seesOperator,
];

/** Aggregated into the cluster's own `edit` and `admin` roles. Records of releases and evaluations are read only: to edit an agent is not to release it. */
export const developerPermissions: readonly Permission[] = [
  { group: 'sluice.dev', resources: written, verbs: [...read, 'create', 'update', 'patch', 'delete', 'deletecollection'], why: 'Writes what users write.' },
  { group: 'sluice.dev', resources: ['agentdeployments/scale'], verbs: ['get', 'update', 'patch'], why: 'Scales an agent with kubectl scale.' },
  { group: 'sluice.dev', resources: ['evalruns', 'releases'], verbs: read, why: 'Reads what became of a change.' },
  seesOperator,
];

/** Bound by the cluster's administrator; aggregated into `admin` only when the chart is told to. */
export const approverPermissions: readonly Permission[] = [
  { group: 'sluice.dev', resources: ['releases'], verbs: [...read, 'patch'], why: 'Asks a release to go on, wait or end, by its intent; the admission policy refuses every other change.' },
  { group: 'sluice.dev', resources: ['agentdeployments', 'modelproviders', 'evalsuites', 'evalruns'], verbs: read, why: 'Reads what it decides on.' },
  seesOperator,
];
