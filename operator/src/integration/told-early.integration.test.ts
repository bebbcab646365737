import { describe } from 'vitest';
import { operatorStage } from './operator-stage.ts';
import { toldEarly } from './stories/told-early.ts';

/** For stories side by side on a busy machine, milliseconds. */
const storyTimeoutMs = 480_000;

const stage = operatorStage();

describe('on a real API server', { timeout: storyTimeoutMs }, () => {
  toldEarly(stage);
});
