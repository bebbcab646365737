import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from '../process/command.ts';
import type { Clock } from '../progress/clock.ts';
import { type Progress, withStep } from '../progress/progress.ts';
import { ensureEntry } from '../tools/cache.ts';
import { ensureSystemPrograms } from '../tools/tools.ts';
import type { ImageEngine } from './engine.ts';
import { ImageError } from './image-error.ts';
import { bootstrapDebian, nodeBaseRef, rootfsKey, writeNodeBaseContext } from './node-base.ts';

export interface BaseImageOptions {
  readonly engine: ImageEngine;
  /** The public default of the Dockerfile. */
  readonly nodeImage: string;
  /** Another base, which must bring node, npm and Debian's tools; from `SLUICE_NODE_IMAGE`. */
  readonly override: string | undefined;
  readonly repository: string;
  readonly cacheRoot: string;
  readonly clock: Clock;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** The base to build on: what the engine already has, else the public image, else one made here. Throws ImageError. */
export async function ensureBaseImage(options: BaseImageOptions): Promise<string> {
  const { engine, nodeImage, override, signal } = options;
  if (override !== undefined) return ensurePulled(override, options);
  if (await engine.has(nodeImage, { signal })) return nodeImage;
  const made = nodeBaseRef(await pinnedNodeVersion(options.repository));
  if (await engine.has(made, { signal })) return made;
  if (await engine.isReachable(nodeImage, { signal })) return ensurePulled(nodeImage, options);
  await makeNodeBase(made, options);
  return made;
}

async function ensurePulled(ref: string, { engine, progress, signal }: BaseImageOptions): Promise<string> {
  if (await engine.has(ref, { signal })) return ref;
  try {
    await withStep(progress, `pull ${ref}`, async () => engine.pull(ref, { signal }));
    return ref;
  } catch (error) {
    if (error instanceof CommandError) throw new ImageError(`the base image ${ref} could not be pulled: ${error.message}`, { cause: error });
    throw error;
  }
}

async function makeNodeBase(ref: string, options: BaseImageOptions): Promise<void> {
  const { engine, nodeImage, cacheRoot, progress, signal } = options;
  if (process.getuid?.() !== 0) {
    throw new ImageError(`no registry answers for ${nodeImage} and making a base needs root: pull it once, or name another base with SLUICE_NODE_IMAGE`);
  }
  const { mmdebstrap } = await ensureSystemPrograms(['mmdebstrap'], options);
  const entry = await ensureEntry({
    root: cacheRoot,
    tool: 'debian-rootfs',
    key: rootfsKey(),
    clock: options.clock,
    progress,
    signal,
    build: async (folder, step) => bootstrapDebian(mmdebstrap, folder, { signal, step }),
  });
  await withStep(progress, `base image ${ref}`, async (step) => {
    const context = await temporaryFolder(cacheRoot);
    try {
      await writeNodeBaseContext(context, join(entry, 'rootfs.tar'), join(options.repository, 'node_modules/node/bin/node'), { signal, step });
      await engine.build({ context, ref, buildArguments: {}, secrets: [], signal, onLine: (line) => step.update(line) });
    } finally {
      await rm(context, { recursive: true, force: true });
    }
  });
}

/** A new folder below the cache, beside what will be linked into it. */
export async function temporaryFolder(cacheRoot: string): Promise<string> {
  const parent = join(cacheRoot, 'images', 'contexts');
  await mkdir(parent, { recursive: true });
  return mkdtemp(join(parent, 'context-'));
}

async function pinnedNodeVersion(repository: string): Promise<string> {
  const text: unknown = JSON.parse(await readFile(join(repository, 'node_modules/node/package.json'), 'utf8'));
  if (typeof text === 'object' && text !== null && 'version' in text && typeof text.version === 'string') return text.version;
  throw new ImageError('node_modules/node/package.json has no version: run npm ci');
}
