import { expect, test } from 'vitest';
import { UP_HELP } from './help.ts';
import { parseUpOptions, type UpOptions } from './options.ts';

const IMAGES = ['--operator-image', 'r.example/o:1', '--runtime-image', 'r.example/r:1'];

function options(...args: readonly string[]): UpOptions {
  const command = parseUpOptions(args, '/clone');
  if (command.verb !== 'up') throw new Error('help was not asked for');
  return command.options;
}

test('without options: a cluster named sluice in the clone, the story when something changed', () => {
  expect(options()).toEqual({ name: 'sluice', stateRoot: '/clone/.cluster', context: undefined, data: 'keep', story: 'changed', images: undefined, gateway: 'leave', detail: 'brief' });
});

test('every option is taken', () => {
  expect(options('--name', 'x', '--state', '/elsewhere', '--context', 'prod', ...IMAGES, '--test-tools-image', 'r.example/t:1', '--again', '-v')).toEqual({
    name: 'x',
    stateRoot: '/elsewhere',
    context: 'prod',
    data: 'keep',
    story: 'always',
    images: { operator: 'r.example/o:1', runtime: 'r.example/r:1', testTools: 'r.example/t:1' },
    gateway: 'leave',
    detail: 'verbose',
  });
});

test('a story needs its image, no story needs none', () => {
  expect(() => options(...IMAGES)).toThrow('--test-tools-image');
  expect(options(...IMAGES, '--no-story')).toMatchObject({ story: 'never', images: { testTools: undefined } });
});

test('--fresh drops what is there', () => {
  expect(options('--fresh')).toMatchObject({ data: 'drop' });
});

test('--gateway installs one', () => {
  expect(options('--gateway')).toMatchObject({ gateway: 'install' });
});

test.each([
  [['--gateway', '--context', 'prod', ...IMAGES, '--no-story'], '--gateway builds the images of Envoy Gateway'],
  [['--fresh', '--context', 'prod', ...IMAGES], '--fresh makes a new cluster'],
  [['--name', '../up'], '--name "../up": use 1 to 40'],
  [['--name', ''], '--name "": use 1 to 40'],
  [['--context', 'prod'], '--context needs --operator-image and --runtime-image'],
  [['--runtime-image', 'r'], 'go together'],
  [['--test-tools-image', 't'], 'go together'],
  [['--no-story', '--again'], 'contradict'],
  [['--colour'], '--colour'],
  [['extra'], 'extra'],
  [['--name'], '--name'],
])('%j is refused with the option and the way out', (args, problem) => {
  expect(() => parseUpOptions(args, '/clone')).toThrow(problem);
});

test.each(['--help', '-h'])('%s wins over everything else', (flag) => {
  expect(parseUpOptions(['--context', 'prod', flag], '/clone')).toEqual({ verb: 'help' });
});

test.each(['--context', '--operator-image', '--runtime-image', '--test-tools-image', '--no-story', '--again', '--fresh', '--gateway', '--name', '--state', '--verbose', '--help', 'SLUICE_CACHE', 'SLUICE_NODE_IMAGE', './hack/down'])(
  'the help explains %s',
  (word) => {
    expect(UP_HELP).toContain(word);
  },
);
