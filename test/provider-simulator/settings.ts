import { readFile } from 'node:fs/promises';
import { parseScriptText } from './script/parse-script.ts';
import type { Script } from './script/script.ts';

export interface SimulatorSettings {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly script: Script | undefined;
}

/** A setting that cannot be used; the message names the variable, its value and the fix. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** From PORT, HOST and SIMULATOR_SCRIPT (JSON) or SIMULATOR_SCRIPT_FILE. Throws SettingsError or ScriptError. */
export async function readSettings(env: Readonly<Record<string, string | undefined>>): Promise<SimulatorSettings> {
  return { host: env['HOST'] || '127.0.0.1', port: portOf(env['PORT']), script: await scriptOf(env['SIMULATOR_SCRIPT'], env['SIMULATOR_SCRIPT_FILE']) };
}

function portOf(value: string | undefined): number {
  const port = Number(value || '8080');
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new SettingsError(`PORT = ${JSON.stringify(value)}: give a whole number from 0 to 65535`);
}

async function scriptOf(text: string | undefined, file: string | undefined): Promise<Script | undefined> {
  if (text && file) throw new SettingsError('SIMULATOR_SCRIPT and SIMULATOR_SCRIPT_FILE are both set: keep one');
  if (text) return parseScriptText(text, 'SIMULATOR_SCRIPT');
  if (!file) return undefined;
  const content = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new SettingsError(`SIMULATOR_SCRIPT_FILE = ${JSON.stringify(file)}: cannot be read`, { cause });
  });
  return parseScriptText(content, `SIMULATOR_SCRIPT_FILE ${file}`);
}
