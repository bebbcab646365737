import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { DigestInput } from './content-digest.ts';
import { parseDockerIgnore } from './docker-ignore.ts';
import { parseDockerfile } from './dockerfile.ts';
import { ImageError } from './image-error.ts';

export interface ContextFile {
  /** Relative to the repository, with slashes. */
  readonly path: string;
  readonly content: Buffer;
  readonly executable: boolean;
}

/** Everything an image is made of, read once: what is hashed is what is built, even while somebody edits. */
export interface BuildContext {
  readonly dockerfile: string;
  /** The public base that the Dockerfile names. */
  readonly nodeImage: string;
  readonly files: readonly ContextFile[];
}

/** Layers must not differ by when a file was checked out. */
const FIXED_TIME_SECONDS = 1_700_000_000;

/** Reads the Dockerfile (path relative to the repository) and what it copies, without what .dockerignore names. Throws ImageError. */
export async function readBuildContext(repository: string, dockerfilePath: string): Promise<BuildContext> {
  const dockerfile = await readDockerfile(repository, dockerfilePath);
  const { sources, nodeImage } = parseDockerfile(dockerfile);
  const ignored = parseDockerIgnore(await readFile(join(repository, '.dockerignore'), 'utf8'));
  const paths = new Set<string>();
  for (const source of sources) for (const path of await listFiles(repository, trimSlashes(source), dockerfilePath)) if (!ignored(path)) paths.add(path);
  const files = await Promise.all([...paths].toSorted().map(async (path) => readContextFile(repository, path)));
  return { dockerfile, nodeImage, files };
}

/** The context of a Dockerfile that copies one program of the tool cache, by the program's own name. Throws ImageError. */
export async function readProgramContext(repository: string, dockerfilePath: string, program: string): Promise<BuildContext> {
  const dockerfile = await readDockerfile(repository, dockerfilePath);
  const { sources, nodeImage } = parseDockerfile(dockerfile);
  const name = basename(program);
  const others = sources.filter((source) => source !== name);
  if (others.length > 0) throw new ImageError(`${dockerfilePath} copies ${others.join(' and ')}: its context holds nothing but ${name}`);
  return { dockerfile, nodeImage, files: [{ path: name, content: await readFile(program), executable: true }] };
}

/** What of the tool cache goes into an image. */
export interface ContextTool {
  /** Absolute, of a file or a folder. */
  readonly path: string;
  /** Files and folders of the folder; absent: all of it. */
  readonly parts?: readonly string[];
}

/** The context of a Dockerfile that copies tools of the cache, each by the name that it has here. Throws ImageError. */
export async function readToolsContext(repository: string, dockerfilePath: string, tools: Readonly<Record<string, ContextTool>>): Promise<BuildContext> {
  const dockerfile = await readDockerfile(repository, dockerfilePath);
  const { sources, nodeImage } = parseDockerfile(dockerfile);
  const others = sources.filter((source) => !Object.hasOwn(tools, source));
  if (others.length > 0) throw new ImageError(`${dockerfilePath} copies ${others.join(' and ')}: its context holds nothing but ${Object.keys(tools).join(' and ')}`);
  const files = await Promise.all(Object.entries(tools).map(async ([name, tool]) => readTool(name, tool, dockerfilePath)));
  return { dockerfile, nodeImage, files: files.flat().toSorted((left, right) => (left.path < right.path ? -1 : 1)) };
}

async function readTool(name: string, { path, parts }: ContextTool, dockerfilePath: string): Promise<readonly ContextFile[]> {
  if ((await stat(path)).isFile()) return [{ ...(await readContextFile(dirname(path), basename(path))), path: name }];
  const lists = await Promise.all((parts ?? ['']).map(async (part) => listFiles(path, part, dockerfilePath)));
  return await Promise.all(lists.flat().map(async (file) => ({ ...(await readContextFile(path, file)), path: `${name}/${file}` })));
}

export function contextDigestInputs(context: BuildContext): readonly DigestInput[] {
  const files = context.files.map((file) => ({ name: `file ${file.executable ? 'x' : '-'} ${file.path}`, content: file.content }));
  return [{ name: 'Dockerfile', content: context.dockerfile }, ...files];
}

/** Writes the context's files and its Dockerfile into an empty folder. */
export async function writeBuildContext(context: BuildContext, folder: string): Promise<void> {
  for (const file of context.files) {
    const target = join(folder, file.path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, file.content);
    await chmod(target, file.executable ? 0o755 : 0o644);
    await utimes(target, FIXED_TIME_SECONDS, FIXED_TIME_SECONDS);
  }
  await writeFile(join(folder, 'Dockerfile'), context.dockerfile);
}

async function readDockerfile(repository: string, path: string): Promise<string> {
  return readFile(join(repository, path), 'utf8').catch((cause: unknown) => {
    throw new ImageError(`${path} cannot be read: restore it from Git`, { cause });
  });
}

async function listFiles(repository: string, source: string, dockerfilePath: string): Promise<readonly string[]> {
  const found = await stat(join(repository, source)).catch((cause: unknown) => {
    throw new ImageError(`${dockerfilePath} copies ${source}, which does not exist: correct the COPY line or restore the file`, { cause });
  });
  if (found.isFile()) return [source];
  const entries = await readdir(join(repository, source), { recursive: true, withFileTypes: true });
  const folder = repository.length + 1;
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name).slice(folder));
}

async function readContextFile(repository: string, path: string): Promise<ContextFile> {
  const absolute = join(repository, path);
  const [content, { mode }] = await Promise.all([readFile(absolute), stat(absolute)]);
  return { path, content, executable: (mode & 0o100) !== 0 };
}

function trimSlashes(path: string): string {
  return path.replace(/^\.?\//, '').replace(/\/+$/, '');
}
