import { ImageError } from './image-error.ts';

/** What a Dockerfile takes from outside itself. */
export interface DockerfileInputs {
  /** Files and folders of the build context that it copies, in order, as written. */
  readonly sources: readonly string[];
  /** The public default of `ARG NODE_IMAGE`. */
  readonly nodeImage: string;
}

const NODE_IMAGE = /^ARG\s+NODE_IMAGE=(\S+)\s*$/m;

/** Reads the COPY and ADD lines (not those from another stage) and the base's default. Throws ImageError when there is no default. */
export function parseDockerfile(text: string): DockerfileInputs {
  const nodeImage = NODE_IMAGE.exec(text)?.[1];
  if (nodeImage === undefined) throw new ImageError('the Dockerfile has no line ARG NODE_IMAGE=<public default>: add it, the base must be a build argument');
  const sources = instructions(text).flatMap((words) => copiedSources(words));
  return { sources: [...new Set(sources)], nodeImage };
}

/** Instructions as words: comments dropped, lines that end in a backslash joined. */
function instructions(text: string): readonly (readonly string[])[] {
  const lines = text.split('\n').filter((line) => !line.trimStart().startsWith('#'));
  return lines
    .join('\n')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
}

function copiedSources(words: readonly string[]): readonly string[] {
  const [instruction, ...rest] = words;
  if (instruction !== 'COPY' && instruction !== 'ADD') return [];
  if (rest.some((word) => word.startsWith('--from='))) return [];
  return rest.filter((word) => !word.startsWith('--')).slice(0, -1);
}
