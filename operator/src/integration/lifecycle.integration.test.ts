import { describe } from 'vitest';
import { operatorStage } from './operator-stage.ts';
import { adopted } from './stories/adopted.ts';
import { appliedAgain } from './stories/applied-again.ts';
import { deleted } from './stories/deleted.ts';
import { suspended } from './stories/suspended.ts';

/** For stories side by side on a busy machine, milliseconds. */
const storyTimeoutMs = 480_000;

const stage = operatorStage();

describe('the life of an agent', { timeout: storyTimeoutMs }, () => {
  deleted(stage);
  suspended(stage);
  appliedAgain(stage);
  adopted(stage);
});
