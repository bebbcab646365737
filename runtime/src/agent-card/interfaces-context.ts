import type { AgentBundle, BundleInterfaces } from '@sluice/crds';
import type { RouteContext } from '../server/routes/route-context.ts';
import type { WallClock } from '../platform/wall-clock.ts';

/** What the routes of other protocols share with those of the agent, and with each other. */
export interface InterfacesContext extends Pick<RouteContext, 'ask' | 'active' | 'state' | 'clock' | 'random' | 'policyVersion' | 'maxInputCharacters'> {
  readonly bundle: AgentBundle;
  readonly interfaces: BundleInterfaces;
  readonly revision: string;
  readonly wallClock: WallClock;
}
