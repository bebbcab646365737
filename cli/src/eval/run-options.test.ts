import { describe, expect, it } from 'vitest';
import { CliError } from '../cli-error.ts';
import { exitCode } from '../exit-code.ts';
import { runOptionsFrom } from './run-options.ts';

const least = ['run', '--local', '-f', 'a.yaml', '--suite', 's.yaml'];

describe('the options of eval run', () => {
  it('are few', () => {
    expect(runOptionsFrom(least)).toMatchObject({ candidate: { kind: 'Manifests', files: ['a.yaml'] }, baseline: undefined, suiteFile: 's.yaml', format: 'text', minPassPercent: undefined });
  });

  it('are all taken up', () => {
    const all = ['--baseline', 'b.yaml', '--baseline', 'p.yaml', '--cases', 'c.jsonl', '--results', 'r', '--out', 'j.xml', '--markdown', 'm.md', '--embedding', 'e', '--min-pass', '97.5', '--margin', '5', '--concurrency', '8', '--max-dollars', '2', '--max-time', '10m', '--mlflow', 'http://127.0.0.1:5000/', '--mlflow-experiment', 'x', '--agent', 'support', '-o', 'json'];
    expect(runOptionsFrom([...least, ...all])).toEqual({
      candidate: { kind: 'Manifests', files: ['a.yaml'] },
      baseline: { kind: 'Manifests', files: ['b.yaml', 'p.yaml'] },
      files: ['a.yaml'],
      agent: 'support',
      suiteFile: 's.yaml',
      casesFile: 'c.jsonl',
      embeddingFolder: 'e',
      resultsFolder: 'r',
      junitFile: 'j.xml',
      markdownFile: 'm.md',
      minPassPercent: 97.5,
      marginPoints: 5,
      concurrency: 8,
      maxDollars: 2,
      maxTime: 600_000,
      mlflow: { url: 'http://127.0.0.1:5000', experiment: 'x' },
      format: 'json',
    });
  });

  it('take addresses for both agents, without the slash at their ends', () => {
    expect(runOptionsFrom(['run', '--local', '--url', 'http://127.0.0.1:8080/', '--suite', 's.yaml', '--baseline', 'https://stable.example.com/agent/'])).toMatchObject({
      candidate: { kind: 'Url', url: 'http://127.0.0.1:8080' },
      baseline: { kind: 'Url', url: 'https://stable.example.com/agent' },
      files: [],
    });
  });

  it.each<[string, readonly string[], string]>([
    ['nothing to do', ['--local'], 'say what to do: run'],
    ['another verb', ['walk', '--local'], '"walk" is nothing that it can do: write run'],
    ['no --local', ['run', '-f', 'a.yaml', '--suite', 's.yaml'], '--local is missing: in a cluster the operator runs the suites'],
    ['no agent', ['run', '--local', '--suite', 's.yaml'], 'name its manifests by -f FILE, or one that runs by --url'],
    ['no suite', ['run', '--local', '-f', 'a.yaml'], '--suite FILE is missing'],
    ['a file without an option', [...least, 'more.yaml'], '"more.yaml" is one argument too many'],
    ['kept results of what may change', ['run', '--local', '--url', 'http://x', '--suite', 's.yaml', '--results', 'r'], '--results cannot be kept with --url'],
    ['an address that is none', ['run', '--local', '--url', 'localhost:80', '--suite', 's.yaml'], '--url "localhost:80" is no address: write for example http://127.0.0.1:8080'],
    ['a second address for the baseline', [...least, '--baseline', 'http://x', '--baseline', 'b.yaml'], '--baseline "http://x" is an address, so there can be no second one'],
    ['a share above 100', [...least, '--min-pass', '101'], '--min-pass "101" is no number between 0 and 100: write for example 95'],
    ['a share that is none', [...least, '--min-pass', 'most'], '--min-pass "most" is no number'],
    ['half a case', [...least, '--concurrency', '1.5'], '--concurrency "1.5" is no whole number'],
    ['no time', [...least, '--max-time', '0s'], '--max-time "0s" is no span of time'],
    ['an experiment of nowhere', [...least, '--mlflow-experiment', 'x'], 'name the server by --mlflow URL'],
    ['another format', [...least, '-o', 'yaml'], '--output "yaml" is not known'],
  ])('refuse %s', (_name, args, sentence) => {
    expect(() => runOptionsFrom(args)).toThrow(sentence);
    expect(() => runOptionsFrom(args)).toThrow(expect.objectContaining({ exitCode: exitCode.usage }));
  });

  it.each([['--url'], ['--mlflow'], ['--baseline']])('do not repeat credentials in the address of %s', (option) => {
    const attempt = (): unknown => runOptionsFrom([...least, option, 'https://ada:hunter2@example.com']);
    expect(attempt).toThrow(/holds credentials/);
    try {
      attempt();
    } catch (error) {
      expect((error as CliError).message).not.toMatch(/hunter2|ada/);
    }
  });
});
