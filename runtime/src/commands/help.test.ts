import { describe, expect, it } from 'vitest';
import type { CommandContext } from './command.ts';
import { runArguments } from './run-command.ts';

async function told(...given: readonly string[]): Promise<{ readonly code: number; readonly said: string; readonly wrong: string }> {
  const lines = { said: '', wrong: '' };
  const context: CommandContext = { environment: {}, print: (line) => { lines.said += line; }, printError: (line) => { lines.wrong += line; }, onStopSignal: () => () => {} };
  return { code: await runArguments(given, context), ...lines };
}

const names = ['serve', 'worker', 'eval', 'validate', 'print-config', 'healthcheck'];

describe('help, without any configuration', () => {
  it.each([[['--help']], [['-h']], [['help']]])('%j names every command', async (given) => {
    const { code, said, wrong } = await told(...given);
    expect([code, wrong]).toEqual([0, '']);
    for (const name of names) expect(said).toMatch(new RegExp(`^  ${name} +\\S`, 'm'));
  });

  it.each(names)('"%s --help" and "help %s" explain it and do not run it', async (name) => {
    const after = await told(name, '--help');
    expect([after.code, after.wrong]).toEqual([0, '']);
    expect(after.said).toMatch(new RegExp(`^Usage: node runtime\\.js ${name} `));
    expect(await told('help', name)).toEqual(after);
  });

  it('a command that does not exist is told those there are', async () => {
    expect(await told('sevre')).toEqual({ code: 1, said: '', wrong: `There is no command "sevre". Use one of ${names.join(', ')}; --help explains them.` });
  });
});
