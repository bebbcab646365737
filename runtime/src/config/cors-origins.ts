import { ConfigError } from './config-error.ts';
import type { Environment } from './environment.ts';

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

/** The origins of SLUICE_CORS_ORIGINS, by commas. Throws ConfigError: "*" would let every page in the network of a user ask. */
export function readCorsOrigins(environment: Environment): readonly string[] {
  const origins = (environment['SLUICE_CORS_ORIGINS'] ?? '').split(',').map((origin) => origin.trim()).filter((origin) => origin !== '');
  const problems = origins.filter((origin) => !isOrigin(origin)).map((value) => ({ field: 'SLUICE_CORS_ORIGINS', value, problem: 'holds what is no origin', fix: 'Write origins as browsers do, for example "https://app.example.com", by commas' }));
  if (problems.length > 0) throw new ConfigError(problems);
  return origins;
}
