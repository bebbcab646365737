import { stat } from 'node:fs/promises';
import { runCommand } from '../process/command.ts';
import type { ImageConfig } from './image-config.ts';
import { ImageError } from './image-error.ts';

export interface ArchivedImage {
  readonly config: ImageConfig;
  /** Size of the archive, whose layers are not compressed. */
  readonly bytes: number;
}

const TIMEOUT_MS = 60_000;

/** Reads the image's configuration out of a docker-archive. Throws ImageError when it is none. */
export async function readArchive(archive: string, signal: AbortSignal): Promise<ArchivedImage> {
  const manifest: unknown = JSON.parse(await readMember(archive, 'manifest.json', signal));
  const first: unknown = Array.isArray(manifest) ? manifest[0] : undefined;
  if (!hasConfigPath(first)) throw new ImageError(`${archive} is no docker-archive: delete it and run again`);
  const stored: unknown = JSON.parse(await readMember(archive, first.Config, signal));
  if (!hasConfig(stored)) throw new ImageError(`${archive} has no image configuration: delete it and run again`);
  return { config: stored.config, bytes: (await stat(archive)).size };
}

async function readMember(archive: string, member: string, signal: AbortSignal): Promise<string> {
  return runCommand('tar', ['-xOf', archive, member], { signal, timeoutMs: TIMEOUT_MS });
}

function hasConfigPath(value: unknown): value is { Config: string } {
  return typeof value === 'object' && value !== null && 'Config' in value && typeof value.Config === 'string';
}

function hasConfig(value: unknown): value is { config: ImageConfig } {
  return typeof value === 'object' && value !== null && 'config' in value && typeof value.config === 'object' && value.config !== null;
}
