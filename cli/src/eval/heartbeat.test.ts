import { FakeClock } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { startHeartbeat } from './heartbeat.ts';

function started(terminal: 'tty' | 'none') {
  const lines: string[] = [];
  const clock = new FakeClock();
  const heartbeat = startHeartbeat('candidate', 'starting', { clock, output: { terminal, write: (text) => void lines.push(text) } });
  return { lines, clock, heartbeat };
}

describe('a heartbeat', () => {
  it('is silent about what is done within two seconds', async () => {
    const { lines, clock, heartbeat } = started('tty');
    await clock.advance(1_999);
    heartbeat.stop();
    await clock.advance(60_000);
    expect(lines).toEqual([]);
  });

  it('says what it is at after two seconds, and then less often in a log', async () => {
    const { lines, clock, heartbeat } = started('none');
    await clock.advance(2_000);
    heartbeat.update('3/9, 0 failed');
    await clock.advance(9_999);
    expect(lines).toEqual(['candidate: starting (for 2s)\n']);
    await clock.advance(1);
    expect(lines.at(-1)).toBe('candidate: 3/9, 0 failed (for 12s)\n');
  });

  it('speaks every two seconds on a terminal', async () => {
    const { lines, clock, heartbeat } = started('tty');
    await clock.advance(6_000);
    heartbeat.stop();
    expect(lines).toHaveLength(3);
  });
});
