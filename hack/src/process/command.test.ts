import { describe, expect, it } from 'vitest';
import { CommandError, runCommand } from './command.ts';

describe('runCommand', () => {
  const { signal } = new AbortController();
  const node = (script: string, options: Partial<Parameters<typeof runCommand>[2]> = {}): Promise<string> =>
    runCommand(process.execPath, ['-e', script], { signal, timeoutMs: 20_000, ...options });

  it('resolves to what the program printed', async () => {
    expect(await node('console.log("out"); console.error("err")')).toBe('out\n');
  });

  it('feeds the input', async () => {
    expect(await node('process.stdin.pipe(process.stdout)', { input: 'text' })).toBe('text');
  });

  it('adds to the environment and removes from it', async () => {
    const env = { SLUICE_TEST_ADDED: 'yes', PATH: undefined };
    expect(await node('console.log(process.env.SLUICE_TEST_ADDED, process.env.PATH)', { env })).toBe('yes undefined\n');
  });

  it('passes on the lines of standard error', async () => {
    const lines: string[] = [];
    await node('console.error("one\\ntwo")', { onErrorLine: (line) => lines.push(line) });
    expect(lines).toEqual(['one', 'two']);
  });

  it.each([
    ['a code', 'console.error("no such file"); process.exit(3)', /ended with code 3\nno such file$/],
    ['a signal', 'process.kill(process.pid, "SIGTERM")', /was ended by SIGTERM/],
  ])('rejects with the reason and the last words of a program that ended with %s', async (_, script, message) => {
    await expect(node(script)).rejects.toThrow(message);
  });

  it('kills a program that takes too long', async () => {
    await expect(node('setInterval(() => {}, 1000)', { timeoutMs: 300 })).rejects.toThrow('did not end within 0.3 s');
  });

  it('kills it and rejects with the reason when it is aborted', async () => {
    const stop = new AbortController();
    const running = node('console.error("up"); setInterval(() => {}, 1000)', { signal: stop.signal, onErrorLine: () => stop.abort(new Error('enough')) });
    await expect(running).rejects.toThrow('enough');
  });

  it('rejects when there is no such program', async () => {
    const running = runCommand('/no/such/program', [], { signal, timeoutMs: 1_000 });
    await expect(running).rejects.toThrow(CommandError);
    await expect(running).rejects.toThrow('could not be run');
  });
});
