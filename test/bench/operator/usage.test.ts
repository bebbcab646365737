import { describe, expect, it } from 'vitest';
import { parseUsage, usageOf } from './usage.ts';

const status = 'Name:\tnode\nVmHWM:\t  204800 kB\nVmRSS:\t  102400 kB\nRssAnon:\t  51200 kB\n';

describe('parseUsage', () => {
  it('adds user and system time, whatever the name of the process holds', () => {
    const stat = '42 (a) b (c)) S 1 2 3 4 5 6 7 8 9 10 250 50 0 0';
    expect(parseUsage(stat, status)).toEqual({ cpuSeconds: 3, residentMebibytes: 100, peakMebibytes: 200, anonymousMebibytes: 50 });
  });

  it('refuses a status without memory: a zombie has none', () => {
    expect(() => parseUsage('1 (a) Z', 'Name:\ta\n')).toThrow('VmRSS');
  });
});

describe('usageOf', () => {
  it('reads a process that runs', async () => {
    const usage = await usageOf(process.pid);
    expect(usage.peakMebibytes).toBeGreaterThanOrEqual(usage.residentMebibytes);
    expect(usage.cpuSeconds).toBeGreaterThan(0);
  });

  it('says that a process is gone', async () => {
    await expect(usageOf(2 ** 30)).rejects.toThrow('cannot be looked at');
  });
});
