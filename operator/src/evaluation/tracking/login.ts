import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { authorizationOf, MlflowError } from '@sluice/evals/mlflow';

/** The keys of the Secret. */
const names = { token: 'token', username: 'username', password: 'password' } as const;

/** Value of the authorization header by a folder with the files of a Secret, read anew because they are rotated. Throws MlflowError, whose text holds no value. */
export async function loginOf(folder: string | undefined): Promise<string | undefined> {
  if (folder === undefined) return undefined;
  const [token, username, password] = await Promise.all([names.token, names.username, names.password].map((name) => textOf(folder, name)));
  const authorization = authorizationOf({ token, username, password }, names);
  if (authorization === undefined) throw new MlflowError('the Secret of the MLflow login has neither a key "token" nor the keys "username" and "password": add them');
  return authorization;
}

async function textOf(folder: string, name: string): Promise<string | undefined> {
  try {
    return (await readFile(join(folder, name), 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    if (code === 'ENOENT') return undefined;
    throw new MlflowError(`"${name}" of the MLflow login cannot be read (${code})`);
  }
}
