import type { AllowedHosts } from '../config/allowed-hosts.ts';
import type { Logger } from 'pino';
import type { AgentBundle } from '@sluice/crds';
import type { SiblingRegistry } from '../agent-card/sibling-registry.ts';
import type { ActiveRequests } from '../lifecycle/active-requests.ts';
import type { Readiness } from '../lifecycle/readiness.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { WallClock } from '../platform/wall-clock.ts';
import type { ModelClient } from '../providers/model-client.ts';
import type { PrecisionStore } from '../store/precision/precision-store.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Instruments } from '../telemetry/tracing/instruments.ts';
import type { Toolbox } from '../tools/toolbox.ts';
import type { Access } from './access/access.ts';
import type { Admission } from './admission.ts';
import type { ClientLimits } from './client-limits.ts';
import type { Connections } from './connections.ts';
import type { ServerState } from './server-state.ts';

/** Everything that the server needs from outside; tests put fakes here. */
export interface ServerDependencies {
  readonly bundle: AgentBundle;
  readonly revision: string;
  readonly model: ModelClient;
  readonly toolbox: Toolbox;
  /** The same for all servers of a process: its limits are those of the replica. */
  readonly admission: Admission;
  readonly metrics: Metrics;
  /** What spans and the metrics of the GenAI conventions are told to; not set: nothing is told. */
  readonly instruments?: Instruments | undefined;
  readonly readiness: Readiness;
  readonly active: ActiveRequests;
  readonly clock: Clock;
  readonly wallClock: WallClock;
  readonly random: Random;
  readonly logger: Logger;
  readonly access: Access;
  /** The same for all servers of a process. */
  readonly connections: Connections;
  /** Default: {@link defaultClientLimits}. */
  readonly clientLimits?: Partial<ClientLimits> | undefined;
  /** Origins whose pages may ask. Default: none. */
  readonly corsOrigins?: readonly string[] | undefined;
  /** Names that an agent is asked by that everybody may ask. Default: any. */
  readonly allowedHosts?: AllowedHosts | undefined;
  /** Not set: the bundle names no siblings. */
  readonly siblings?: SiblingRegistry | undefined;
  readonly state: ServerState;
  /** Where what requests teach is kept, and what earlier ones taught; not set, or without a store: it ends with the process. */
  readonly learnt?: { readonly store?: PrecisionStore; /** Precision by level. */ readonly initial: ReadonlyMap<string, number> } | undefined;
}
