import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../hack/src/progress/clock.ts';
import { BenchProcess } from './process.ts';

const run = (script: string, more: { signal?: AbortSignal; onMark?: (stage: string) => void } = {}): BenchProcess =>
  new BenchProcess({ command: process.execPath, args: ['-e', script], name: 'the program', clock: systemClock, signal: new AbortController().signal, timeoutMs: 60_000, ...more });

describe('BenchProcess', () => {
  it('gives the figures and when each stage was reached', async () => {
    const stages: string[] = [];
    const program = run(`console.log('{"mark":"synced"}'); console.log('{"figures":{"events":3}}')`, { onMark: (stage) => stages.push(stage) });
    const { figures, marks } = await program.finished();
    expect(figures).toEqual({ events: 3 });
    expect(stages).toEqual(['synced']);
    expect(Object.keys(marks)).toEqual(['synced']);
  });

  it('says what the program said when it fails', async () => {
    await expect(run(`console.error('no route'); process.exit(3)`).finished()).rejects.toThrow('the program ended with code 3\nno route');
  });

  it('does not take the lack of figures for success', async () => {
    await expect(run('').finished()).rejects.toThrow('the program ended with code 0');
  });

  it('fails when a line is not understood', async () => {
    await expect(run(`console.log('hello'); console.log('{"figures":{}}')`).finished()).rejects.toThrow('the program ended with code 0');
  });

  it('ends the program when the benchmark is stopped', async () => {
    const stop = new AbortController();
    const program = run(`console.log('{"mark":"synced"}'); setInterval(() => {}, 1000)`, { signal: stop.signal, onMark: () => stop.abort() });
    await expect(program.finished()).rejects.toThrow('because the benchmark was stopped');
  });

  it('waits for the figures of a program that is asked to end', async () => {
    const ready = `console.log('{"mark":"ready","kubeconfig":"/k"}')`;
    const program = run(`process.on('SIGTERM', () => { console.log('{"figures":{"sent":1}}'); process.exit(0) }); setInterval(() => {}, 1000); ${ready}`);
    expect(await program.kubeconfig()).toBe('/k');
    expect((await program.stop()).figures).toEqual({ sent: 1 });
  });

  it('does not wait for a server that ended before it was ready', async () => {
    await expect(run('process.exit(1)').kubeconfig()).rejects.toThrow('the program ended with code 1');
  });
});
