import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildRuntime } from '../../runtime/build/bundle.ts';

const dockerfilePath = fileURLToPath(new URL('../../Dockerfile.runtime', import.meta.url));

/** Builds the bundle into `folder` as the image does, and gives the arguments of node that the image starts it with. Throws Error when the Dockerfile does not say it. */
export async function shippedRuntime(folder: string): Promise<readonly string[]> {
  const [dockerfile] = await Promise.all([readFile(dockerfilePath, 'utf8'), buildRuntime(folder)]);
  return argumentsIn(dockerfile).map((argument, index, { length }) => (index === length - 1 ? join(folder, argument) : argument));
}

/** What follows `node` in the entry point; the last one is the program. */
export function argumentsIn(dockerfile: string): readonly string[] {
  const [node, ...rest] = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]') as string[];
  if (node !== 'node' || rest.length === 0) throw new Error('Dockerfile.runtime has no ENTRYPOINT that begins with node: the benchmark starts what is shipped, so let argumentsIn look where it is now');
  return rest;
}
