import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from '../cluster/cluster.ts';
import { CommandError } from '../process/command.ts';
import { type Clock, systemClock } from '../progress/clock.ts';
import { type Progress, withSlowStep, withStep } from '../progress/progress.ts';
import { cacheRoot, ensureEntry } from '../tools/cache.ts';
import { ensureSystemPrograms } from '../tools/tools.ts';
import { readArchive } from './archive.ts';
import { pruneArchives } from './archive-cache.ts';
import { ensureBaseImage, temporaryFolder } from './base-image.ts';
import { type BuildContext, contextDigestInputs, writeBuildContext } from './build-context.ts';
import { createBuildahEngine } from './buildah-engine.ts';
import { contentTag } from './content-digest.ts';
import { createDockerEngine, dockerAnswers } from './docker-engine.ts';
import type { ImageEngine } from './engine.ts';
import { imageProblems, type ImageRules, megabytes } from './image-config.ts';
import { ImageError } from './image-error.ts';
import { proxyArguments, readNpmSettings, withNpmSecrets } from './npm-settings.ts';

export interface ImagesOptions {
  readonly repository: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
}

/** One image: what it is called, what it is made of, what is asked of it. */
export interface ImagePlan {
  readonly name: string;
  readonly dockerfile: string;
  readonly rules: ImageRules;
  readonly context: BuildContext;
}

/** What npm says of its settings with each command, which is no news of a build. */
const npmRemark = /\bnpm (?:warn|notice)\b/i;

/** Everything of one run that building images needs. */
export interface Workshop extends ImagesOptions {
  readonly engine: ImageEngine;
  readonly cacheRoot: string;
  readonly clock: Clock;
}

/** Names what an image of these inputs is called. Docker and containerd read a name without a registry differently: `localhost/` is the same to both. */
export function imageRef(name: string, context: BuildContext, base: string): string {
  return `localhost/${name}:${contentTag([...contextDigestInputs(context), { name: 'base', content: base }])}`;
}

/** Docker where its engine answers, else buildah. */
export async function openWorkshop(options: ImagesOptions): Promise<Workshop> {
  const root = cacheRoot(options.env);
  const engine = (await dockerAnswers(options.signal)) ? createDockerEngine() : await openBuildah(root, options);
  return { ...options, engine, cacheRoot: root, clock: options.clock ?? systemClock };
}

/** Builds the image unless the cache holds it, and loads it unless the cluster does; resolves to its name with tag. Throws ImageError. */
export async function ensureImage(cluster: Cluster, plan: ImagePlan, workshop: Workshop): Promise<string> {
  const { progress, signal, env } = workshop;
  const base = await ensureBaseImage({ ...workshop, nodeImage: plan.context.nodeImage, override: env['SLUICE_NODE_IMAGE'] });
  const ref = imageRef(plan.name, plan.context, base);
  const there = await withSlowStep(progress, `look whether the cluster has ${plan.name}`, async () => cluster.images({ signal }));
  if (there.includes(ref)) return ref;
  const archive = await ensureArchive(plan, { ref, base }, workshop);
  const { size } = await stat(archive);
  await withStep(progress, `load ${ref}, ${megabytes(size)}`, async () => cluster.loadImage(archive, { signal }));
  return ref;
}

async function openBuildah(root: string, options: ImagesOptions): Promise<ImageEngine> {
  const { buildah } = await ensureSystemPrograms(['buildah'], options);
  return createBuildahEngine({ program: buildah, folder: join(root, 'images', 'buildah'), signal: options.signal });
}

async function ensureArchive(plan: ImagePlan, names: { ref: string; base: string }, workshop: Workshop): Promise<string> {
  const tool = `image-${plan.name}`;
  const key = names.ref.slice(names.ref.lastIndexOf(':') + 1);
  const entry = await ensureEntry({
    root: workshop.cacheRoot,
    tool,
    key,
    clock: workshop.clock,
    progress: workshop.progress,
    signal: workshop.signal,
    build: async (folder, step) => {
      const archive = join(folder, 'image.tar');
      await buildImage(plan, { ...names, archive, onLine: (line) => { if (!npmRemark.test(line)) step.update(line); } }, workshop);
      await checkImage(plan, archive, workshop.signal);
    },
  });
  await pruneArchives(join(workshop.cacheRoot, tool), key);
  return join(entry, 'image.tar');
}

interface BuildOrder {
  readonly ref: string;
  readonly base: string;
  readonly archive: string;
  readonly onLine: (line: string) => void;
}

async function buildImage({ name, context, dockerfile }: ImagePlan, order: BuildOrder, workshop: Workshop): Promise<void> {
  const { engine, env, signal, cacheRoot: root } = workshop;
  const folder = await temporaryFolder(root);
  try {
    await writeBuildContext(context, folder);
    await mkdir(join(root, 'images'), { recursive: true });
    // Tags move: what it was built on belongs into the log.
    workshop.progress.step(`base of ${name}`).done(order.base);
    const settings = await readNpmSettings(env, signal);
    const buildArguments = { NODE_IMAGE: order.base, ...proxyArguments(env) };
    await withNpmSecrets(settings, join(root, 'images'), async (secrets) =>
      engine.build({ context: folder, ref: order.ref, buildArguments, secrets, signal, onLine: order.onLine }),
    );
    await engine.save(order.ref, order.archive, { signal });
    await engine.removeOtherTags(order.ref, { signal });
  } catch (error) {
    if (error instanceof CommandError) throw new ImageError(`${name} could not be built by ${engine.name} from ${dockerfile}: ${error.message}`, { cause: error });
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function checkImage({ name, rules }: ImagePlan, archive: string, signal: AbortSignal): Promise<void> {
  const { config, bytes } = await readArchive(archive, signal);
  const problems = imageProblems(config, bytes, rules);
  if (problems.length > 0) throw new ImageError(`the image ${name} may not be used: ${problems.join('; ')}`);
}
