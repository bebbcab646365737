import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isClusterName, NAME_RULE } from '../cluster/cluster-name.ts';
import { UpError } from './up-error.ts';

export interface ImageOverrides {
  readonly operator: string;
  readonly runtime: string;
  /** Needed for the story only. */
  readonly testTools: string | undefined;
}

export interface UpOptions {
  readonly name: string;
  /** Absolute; one folder a cluster below it. */
  readonly stateRoot: string;
  readonly context: string | undefined;
  /** `drop`: a cluster that is there is removed first, with all that is in it. */
  readonly data: 'keep' | 'drop';
  /** `changed`: told unless this very version has told it in this cluster. */
  readonly story: 'changed' | 'always' | 'never';
  readonly images: ImageOverrides | undefined;
  /** `install`: Envoy Gateway with a Gateway that agents can name in spec.route. */
  readonly gateway: 'install' | 'leave';
  readonly detail: 'brief' | 'verbose';
}

export type UpCommand = { readonly verb: 'help' } | { readonly verb: 'up'; readonly options: UpOptions };

export const DEFAULT_NAME = 'sluice';

const FLAGS = {
  name: { type: 'string', default: DEFAULT_NAME },
  state: { type: 'string', default: '.cluster' },
  context: { type: 'string' },
  'no-story': { type: 'boolean', default: false },
  again: { type: 'boolean', default: false },
  fresh: { type: 'boolean', default: false },
  gateway: { type: 'boolean', default: false },
  'operator-image': { type: 'string' },
  'runtime-image': { type: 'string' },
  'test-tools-image': { type: 'string' },
  verbose: { type: 'boolean', short: 'v', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Relative paths are taken from the root of the clone. Throws UpError that names the option. */
export function parseUpOptions(args: readonly string[], clone: string): UpCommand {
  const values = parseFlags(args);
  if (values.help) return { verb: 'help' };
  if (values['no-story'] && values.again) throw new UpError('--no-story and --again contradict each other: give one of them');
  if (values.fresh && values.context !== undefined) throw new UpError('--fresh makes a new cluster and --context uses one that is not ours: run ./hack/down to begin anew there');
  if (values.gateway && values.context !== undefined) {
    throw new UpError('--gateway builds the images of Envoy Gateway and --context uses a cluster that they cannot be loaded into: install a Gateway API implementation there yourself, and name its Gateway in spec.route.parentRefs');
  }
  const images = imageOverrides(values);
  if (values.context !== undefined && images === undefined) {
    throw new UpError(
      '--context needs --operator-image and --runtime-image: the nodes of a cluster that is not ours pull images from a registry, so push both there first (docker build -f Dockerfile.operator ., docker build -f Dockerfile.runtime .)',
    );
  }
  const told = values.again ? 'always' : 'changed';
  const story = values['no-story'] ? 'never' : told;
  if (images !== undefined && images.testTools === undefined && story !== 'never') {
    throw new UpError('the story needs --test-tools-image beside the other images (docker build -f test/Dockerfile .), or give --no-story');
  }
  return {
    verb: 'up',
    options: {
      name: clusterName(values.name),
      stateRoot: resolve(clone, values.state),
      context: values.context,
      data: values.fresh ? 'drop' : 'keep',
      story,
      images,
      gateway: values.gateway ? 'install' : 'leave',
      detail: values.verbose ? 'verbose' : 'brief',
    },
  };
}

/** The value of --name, which becomes part of paths. Throws UpError. */
export function clusterName(name: string): string {
  if (!isClusterName(name)) throw new UpError(`--name "${name}": use ${NAME_RULE}`);
  return name;
}

function parseFlags(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, allowPositionals: false }).values;
  } catch (error) {
    throw new UpError(`${error instanceof Error ? error.message : String(error)}. ./hack/up --help lists the options`, { cause: error });
  }
}

function imageOverrides(values: ReturnType<typeof parseFlags>): ImageOverrides | undefined {
  const operator = values['operator-image'];
  const runtime = values['runtime-image'];
  const testTools = values['test-tools-image'];
  if (operator === undefined && runtime === undefined && testTools === undefined) return undefined;
  if (operator === undefined || runtime === undefined) throw new UpError('--operator-image and --runtime-image go together: give both, or neither to have the images built here');
  return { operator, runtime, testTools };
}
