import type { IncomingHttpHeaders } from 'node:http';
import type { Reloaded } from '../../config/live/live-file.ts';
import type { Caller } from '../../approvals/caller.ts';
import type { RateRule } from '../../store/rate-limits/rate-limiter.ts';

/** What a tenant may have, and what is switched on for it. */
export interface TenantPolicy {
  /** Requests of all its callers; not set: as many as the agent takes. */
  readonly requests?: RateRule | undefined;
  /** Switches, by the names of the table of flags; those that are not there are as the table has them. */
  readonly flags: Readonly<Partial<Record<string, boolean>>>;
}

/** Who may ask the agent. */
export interface Access {
  /** `open`: nobody is told apart, and requests say themselves for which tenant they are. `closed`: no credentials, no answer. Nothing said is `closed`. */
  readonly mode: 'open' | 'closed';
  /** Throws Unauthenticated or Forbidden; their words never hold a credential. */
  readonly authenticate: (headers: IncomingHttpHeaders) => Promise<Caller>;
  /** Whoever was let in when a job was taken in, as of now: with the roles that are left; undefined for one who may not ask any more. */
  readonly standing: (caller: Caller) => Caller | undefined;
  readonly tenant: (name: string) => TenantPolicy;
  /** Looks at its file again; not set: there is none. Never throws. */
  readonly refresh?: () => Reloaded;
}
