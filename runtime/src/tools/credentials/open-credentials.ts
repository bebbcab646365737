import { join } from 'node:path';
import type { AgentBundle } from '@sluice/crds';
import type { Environment } from '../../config/environment.ts';
import { openSecretFile } from '../../config/secret-file.ts';
import type { HttpTransport } from '../../egress/transport.ts';
import type { Clock } from '../../platform/clock.ts';
import { IncompleteTool } from '../incomplete-tool.ts';
import { createClientCredentials } from './client-credentials.ts';
import { createFixedCredential, type Credential } from './credential.ts';

/** The credentials of an agent's tools. */
export interface Credentials {
  /** Throws IncompleteTool for a name that the bundle does not have. */
  readonly of: (name: string) => Credential;
  /** What no log line may hold. */
  readonly secrets: () => readonly string[];
}

export const noCredentials: Credentials = {
  of: (name) => {
    throw new IncompleteTool(`the bundle holds no credential ${name}`);
  },
  secrets: () => [],
};

const defaultFolder = '/var/run/secrets/sluice/tools';

/** The file of a credential within the folder of its name. */
export const credentialFileName = 'secret';

export interface OpenCredentialsOptions {
  readonly environment: Environment;
  readonly transport: HttpTransport;
  readonly clock: Clock;
}

/** Each is in `<folder>/<name>/secret`, the folder being SLUICE_TOOL_CREDENTIALS_DIR. Throws ConfigError; its text never holds a secret. */
export function openCredentials({ credentials = [] }: Pick<AgentBundle, 'credentials'>, { environment, transport, clock }: OpenCredentialsOptions): Credentials {
  const folder = environment['SLUICE_TOOL_CREDENTIALS_DIR']?.trim() || defaultFolder;
  const opened = new Map(
    credentials.map(({ name, header, oauth }, index): readonly [string, Credential] => {
      const secret = openSecretFile({ field: `credentials[${index}] (${name})`, path: join(folder, name, credentialFileName), clock });
      return [name, oauth === undefined ? createFixedCredential({ header }, secret) : createClientCredentials({ oauth, secret, transport, clock })];
    }),
  );
  return { of: (name) => opened.get(name) ?? noCredentials.of(name), secrets: () => [...opened.values()].flatMap((each) => each.secrets()) };
}
