import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../process/command.ts';
import { isErrno } from '../process/identity.ts';
import type { BuildSecret } from './engine.ts';

/** How npm reaches its registry on this machine. */
export interface NpmSettings {
  readonly registry: string;
  /** The user's own settings file; it may hold tokens, so its content is passed on unread. */
  readonly userConfig: string | undefined;
  /** PEM file of additional certificate authorities. */
  readonly certificateAuthorities: string | undefined;
}

const TIMEOUT_MS = 20_000;
/** Where the Dockerfiles mount the secret `npm_ca`. */
const MOUNTED_AUTHORITIES = '/run/npm-ca.pem';
const PROXY_VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'];

/** Proxies reach a build as arguments that both engines know by name and keep in no layer. */
export function proxyArguments(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(PROXY_VARIABLES.flatMap((name) => (env[name] === undefined || env[name] === '' ? [] : [[name, env[name]]])));
}

export async function readNpmSettings(env: Readonly<Record<string, string | undefined>>, signal: AbortSignal): Promise<NpmSettings> {
  const ask = async (key: string): Promise<string | undefined> => {
    const answer = (await runCommand('npm', ['config', 'get', key], { signal, timeoutMs: TIMEOUT_MS })).trim();
    return answer === '' || answer === 'null' || answer === 'undefined' ? undefined : answer;
  };
  const extra = env['NODE_EXTRA_CA_CERTS'] === '' ? undefined : env['NODE_EXTRA_CA_CERTS'];
  return {
    registry: (await ask('registry')) ?? '',
    userConfig: await ask('userconfig'),
    certificateAuthorities: (await ask('cafile')) ?? extra,
  };
}

/** The settings file of the build: the user's, then what the machine's other levels add. */
export function npmrcText(userConfig: string, settings: NpmSettings): string {
  const lines = [userConfig.trimEnd()];
  if (settings.registry !== '') lines.push(`registry=${settings.registry}`);
  if (settings.certificateAuthorities !== undefined) lines.push(`cafile=${MOUNTED_AUTHORITIES}`);
  return `${lines.filter((line) => line !== '').join('\n')}\n`;
}

/** Runs `work` with the settings as build secrets; the file that carries them is removed afterwards. */
export async function withNpmSecrets<T>(settings: NpmSettings, folder: string, work: (secrets: readonly BuildSecret[]) => Promise<T>): Promise<T> {
  const temporary = await mkdtemp(join(folder, 'npm-'));
  try {
    const npmrc = join(temporary, 'npmrc');
    await writeFile(npmrc, npmrcText(await readOptional(settings.userConfig), settings), { mode: 0o600 });
    const authorities = settings.certificateAuthorities === undefined ? [] : [{ id: 'npm_ca', file: settings.certificateAuthorities }];
    return await work([{ id: 'npmrc', file: npmrc }, ...authorities]);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function readOptional(path: string | undefined): Promise<string> {
  if (path === undefined) return '';
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return '';
    throw error;
  }
}
