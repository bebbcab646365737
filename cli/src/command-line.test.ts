import { describe, expect, it } from 'vitest';
import { CliError } from './cli-error.ts';
import { agentNameFrom, namespaceFrom, parseCommandLine } from './command-line.ts';

const options = { namespace: { type: 'string', short: 'n' }, watch: { type: 'boolean' }, filename: { type: 'string', short: 'f', multiple: true } } as const;

function parse(...args: readonly string[]) {
  return parseCommandLine('status', args, options);
}

function refusal(work: () => unknown): CliError {
  try {
    work();
  } catch (error) {
    if (error instanceof CliError) return error;
  }
  throw new Error('nothing was refused');
}

describe('a command line', () => {
  it('may have options before and after the name', () => {
    const line = parse('-n', 'demo', 'support', '--watch');
    expect(agentNameFrom('status', line)).toBe('support');
    expect(namespaceFrom('status', line)).toBe('demo');
    expect(line.has('watch')).toBe(true);
  });

  it('may repeat an option that takes several values', () => {
    expect(parse('-f', 'a.yaml', '--filename=b.yaml').texts('filename')).toEqual(['a.yaml', 'b.yaml']);
  });

  it('leaves out what was not written', () => {
    const line = parse('support');
    expect(line.text('namespace')).toBeUndefined();
    expect(line.texts('filename')).toEqual([]);
    expect(line.has('watch')).toBe(false);
  });
});

describe('a wrong command line is a usage error that names the argument', () => {
  it.each([
    ['an unknown option', ['--wach'], "Unknown option '--wach'"],
    ['an option without its value', ['support', '-n'], "Option '-n, --namespace <value>' argument missing"],
    ['no name', [], 'NAME is missing'],
    ['two names', ['a', 'b'], 'more than one NAME ("a", "b")'],
    ['a path for a name', ['../nodes'], '"../nodes" is no name of an AgentDeployment'],
    ['a namespace in capitals', ['support', '-n', 'Demo'], '--namespace "Demo" is no name of a namespace'],
  ])('%s', (_title, args, says) => {
    const error = refusal(() => {
      const line = parse(...args);
      agentNameFrom('status', line);
      namespaceFrom('status', line);
    });
    expect(error.exitCode).toBe(64);
    expect(error.message).toContain(says);
    expect(error.message).toMatch(/; see: kubectl sluice status --help$/);
  });
});
