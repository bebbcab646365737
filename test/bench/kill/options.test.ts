import { expect, it } from 'vitest';
import { CONTENDERS, parseOptions } from './options.ts';
import { stories } from './story.ts';

it('kills all contenders at each write of all stories where nothing is said', () => {
  expect(parseOptions([])).toEqual({ help: 'not shown', contenders: CONTENDERS, stories, places: 200, lanes: 6, minutes: 1440, results: undefined });
});

it('takes contenders, stories, places, lanes, minutes and a file', () => {
  const options = parseOptions(['--contenders', 'argo', '--stories', 'abort, canary', '--places', '4', '--lanes', '2', '--minutes', '9', '--results', 'r.json']);
  expect({ ...options, stories: options.stories.map(({ id }) => id) }).toEqual({ help: 'not shown', contenders: ['argo'], stories: ['abort', 'canary'], places: 4, lanes: 2, minutes: 9, results: 'r.json' });
});

it('is quick on demand, and what is said beside it holds', () => {
  expect(parseOptions(['--quick']).places).toBe(3);
  expect(parseOptions(['--quick', '--places', '5']).places).toBe(5);
});

it.each([
  [['--contenders', 'flagger'], "--contenders names 'flagger': give some of sluice, argo, separated by commas"],
  [['--stories', 'nothing'], "--stories names 'nothing': give some of first-release,"],
  [['--places', '0'], "--places has '0': give whole numbers from 1 to 200"],
  [['--lanes', 'many'], "--lanes has 'many': give whole numbers from 1 to 32"],
  [['--what'], '--what'],
])('refuses %j', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message);
});
