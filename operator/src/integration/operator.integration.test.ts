import { describe } from 'vitest';
import { removeHTTPRoutes } from './gateway-api.ts';
import { routedStage } from './routed-stage.ts';
import { autoscaled } from './stories/autoscaled.ts';
import { badRevisions } from './stories/bad-revisions.ts';
import { changedMinds } from './stories/changed-minds.ts';
import { foreignObjects } from './stories/foreign-objects.ts';
import { goodRevisions } from './stories/good-revisions.ts';
import { humanEdits } from './stories/human-edits.ts';
import { providerOutage } from './stories/provider-outage.ts';
import { references } from './stories/references.ts';
import { routed } from './stories/routed.ts';
import { refusedWrites } from './stories/refused-writes.ts';
import { rights } from './stories/rights.ts';

/** For stories of several releases side by side on a busy machine, milliseconds. */
const storyTimeoutMs = 180_000;

// The operators of the failover stories read streaming lists; this one has to list, and needs the right to.
const stage = routedStage({ prepare: removeHTTPRoutes, operator: { streamingLists: 'refused' } });

describe('the operator on a real API server with real controllers', { timeout: storyTimeoutMs }, () => {
  goodRevisions(stage);
  badRevisions(stage);
  changedMinds(stage);
  autoscaled(stage);
  humanEdits(stage);
  foreignObjects(stage);
  providerOutage(stage);
  references(stage);
  refusedWrites(stage);
  routed(stage);
  rights(stage);
});
