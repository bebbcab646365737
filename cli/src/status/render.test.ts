import { describe, expect, it } from 'vitest';
import { agentOf, at, healthyStatus, nowAt, progressingStatus, promoted, releaseOf, rolledBack, shifting, view } from '../fixtures/views.ts';
import { colourPalette, plainPalette } from '../terminal/palette.ts';
import { renderStatus } from './render.ts';

const options = { palette: plainPalette, now: nowAt(52) };

describe('the screen of a release on its way', () => {
  it('says everything at once', () => {
    expect(renderStatus(view(agentOf(progressingStatus), [shifting, promoted, rolledBack]), options)).toEqual([
      'support in demo: Progressing',
      'support-3: Step 1 of 2: 25 % of the traffic for at least 15s',
      'Answers at http://support.demo.svc',
      '',
      '        REVISION  WANTED  REAL  READY',
      'Stable  r1        75 %    75 %  3/3 pods',
      'Canary  r3        25 %    20 %  1/1 pods',
      '',
      'Release',
      '  name      support-3, began 52s ago',
      '  revision  r3, replaces r1',
      '  phase     Shifting for 22s (EvaluationsPassed)',
      '  step      1/2: 25 % of the traffic, for 12s of at least 15s',
      '  evaluations',
      '    golden       Pass  3 of 3 cases passed',
      '    adversarial  -     not measured yet',
      '  objectives',
      '    success  NotMeasured  12 requests, 30 are needed',
      '    latency  -            not measured yet',
      '',
      'History',
      '  support-2  r2  RolledBack  EvaluationFailed  29m47s ago, after 1m5s',
      '  support-1  r1  Promoted    FirstRevision     1h ago, after 40s',
    ]);
  });

  it('has colours only where the palette has', () => {
    const agent = view(agentOf(progressingStatus), [shifting]);
    const escape = String.fromCodePoint(27);
    expect(renderStatus(agent, options).join('')).not.toContain(escape);
    expect(renderStatus(agent, { ...options, palette: colourPalette })[0]).toBe(`${escape}[1msupport${escape}[22m in demo: ${escape}[33mProgressing${escape}[39m`);
  });
});

describe('parts of the screen', () => {
  function lines(...args: Parameters<typeof view>): string {
    return renderStatus(view(...args), options).join('\n');
  }

  it.each([
    ['no agent', lines(undefined), 'There is no AgentDeployment "support" in namespace "demo"'],
    ['no status', lines(agentOf(undefined)), 'The operator has not looked at it yet'],
    ['an old status', lines(agentOf({ ...healthyStatus, observedGeneration: 3 })), 'has not seen generation 4 of the spec yet; what follows is about generation 3'],
    ['a rollback', lines(agentOf(healthyStatus), [promoted, rolledBack]), 'phase     RolledBack (EvaluationFailed)'],
    ['the end of a release', lines(agentOf(healthyStatus), [promoted, rolledBack]), 'support-2, ended 29m47s ago after 1m5s'],
    ['the sentence of a release that the agent does not repeat', lines(agentOf(healthyStatus), [promoted, rolledBack]), 'says      golden: 2 of 3 cases passed'],
    ['the first release', lines(agentOf(healthyStatus), [promoted]), 'r1, the first revision'],
    ['a release that the operator has just made', lines(agentOf(healthyStatus), [releaseOf(3, 'r3', {})]), 'phase     Preparing for ?'],
    ['a step whose weight is not real yet', lines(agentOf(healthyStatus), [releaseOf(3, 'r3', { phase: 'Shifting', step: 1, startedAt: at(0) })]), '2/2: 50 % of the traffic, waits until the weight is real'],
    ['a second attempt', lines(agentOf(healthyStatus), [releaseOf(3, 'r3', { evaluations: [{ suite: 'golden', attempt: 2, evalRun: 'x', verdict: 'NotMeasured', message: 'no report' }] })]), 'no report (attempt 2)'],
  ])('%s', (_title, text, says) => {
    expect(text).toContain(says);
  });

  it('shows the last five of the history', () => {
    const entry = progressingStatus.history![0]!;
    const history = Array.from({ length: 8 }, (_, index) => ({ ...entry, release: `support-${9 - index}` }));
    const text = lines(agentOf({ ...healthyStatus, history }));
    expect(text.match(/support-\d/g)).toEqual(['support-9', 'support-8', 'support-7', 'support-6', 'support-5']);
  });

  it('leaves out what is not there', () => {
    expect(lines(agentOf(healthyStatus)).split('\n')).toEqual([
      'support in demo: Healthy',
      'Revision r1 serves all the traffic',
      '',
      '        REVISION  WANTED  REAL   READY',
      'Stable  r1        100 %   100 %  3/3 pods',
    ]);
  });
});
