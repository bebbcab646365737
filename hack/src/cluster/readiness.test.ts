import { describe, expect, it } from 'vitest';
import { whyNodeNotReady } from './node-readiness.ts';
import { tellingLines } from './readiness.ts';

describe('tellingLines', () => {
  const numbered = Array.from({ length: 30 }, (_, index) => `line ${index}`);

  it('are the last ones', () => {
    expect(tellingLines(`${numbered.join('\n')}\n`)).toEqual(numbered.slice(-6));
  });

  it.each(['panic: no such bucket', 'F1121 17:00:00 cannot bind', '{"level":"fatal","msg":"cannot start"}'])('begin at the death: %s', (death) => {
    const log = [...numbered, death, 'goroutine 1', ...numbered].join('\n');
    expect(tellingLines(log).slice(0, 2)).toEqual([death, 'goroutine 1']);
  });

  it('are cut to a length that can be read', () => {
    expect(tellingLines('x'.repeat(5000))[0]).toHaveLength(300);
  });
});

describe('whyNodeNotReady', () => {
  const node = (conditions: unknown): string => JSON.stringify({ status: { conditions } });

  it('finds a ready node ready', () => {
    expect(whyNodeNotReady(node([{ type: 'Ready', status: 'True' }]))).toBeUndefined();
  });

  it('says what kubelet says', () => {
    expect(whyNodeNotReady(node([{ type: 'Ready', status: 'False', message: 'cni plugin not initialized' }]))).toBe('cni plugin not initialized');
  });

  it.each([node(undefined), node([]), '{}'])('takes a silent node for not ready: %s', (body) => {
    expect(whyNodeNotReady(body)).toBe('kubelet has not reported yet');
  });
});
