import { expect, test } from 'vitest';
import { readShipped } from './shipped-operator.ts';

const files = {
  dockerfile: 'FROM scratch\nENV NODE_ENV=production PATH=/bin HOME=/tmp MALLOC_ARENA_MAX=2\nENTRYPOINT ["node", "--v8-pool-size=1", "operator.js"]\n',
  deployment: '- name: NODE_OPTIONS\n  value: {{ printf "--max-old-space-size=%d --max-semi-space-size=%d" (int .Values.heapMebibytes) (int .Values.semiSpaceMebibytes) | quote }}\n',
  values: 'replicas: 1\nheapMebibytes: 384\nsemiSpaceMebibytes: 4\n',
};

test('the flags are those of the chart and of the image, the environment is that of the image but for where things are', () => {
  expect(readShipped(files)).toEqual({
    flags: ['--max-old-space-size=384', '--max-semi-space-size=4', '--v8-pool-size=1'],
    env: { NODE_ENV: 'production', MALLOC_ARENA_MAX: '2' },
    program: 'operator.js',
  });
});

test.each(['dockerfile', 'deployment', 'values'])('%s that says it elsewhere is an error, not a start without flags', (file) => {
  expect(() => readShipped({ ...files, [file]: '' })).toThrow('there is no ');
});
