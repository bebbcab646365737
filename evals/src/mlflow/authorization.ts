import { MlflowError } from './mlflow-error.ts';

type Login = Readonly<Record<'token' | 'username' | 'password', string | undefined>>;

/** How each part of a login is called where it comes from. */
type LoginNames = Readonly<Record<keyof Login, string>>;

const variables: LoginNames = { token: 'MLFLOW_TRACKING_TOKEN', username: 'MLFLOW_TRACKING_USERNAME', password: 'MLFLOW_TRACKING_PASSWORD' };

/**
 * The value of the authorization header by the variables that MLflow's own clients read: MLFLOW_TRACKING_TOKEN, or
 * MLFLOW_TRACKING_USERNAME with MLFLOW_TRACKING_PASSWORD; undefined without them. Throws MlflowError, whose text holds no value.
 */
export function mlflowAuthorization(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const [token, username, password] = [variables.token, variables.username, variables.password].map((name) => environment[name]);
  return authorizationOf({ token, username, password }, variables);
}

/** The same from anywhere else. Throws MlflowError, whose text holds no value. */
export function authorizationOf({ token, username, password }: Login, names: LoginNames): string | undefined {
  const bearer = token?.trim();
  if (bearer) {
    if (!/^[\x21-\x7e]+$/.test(bearer)) throw new MlflowError(`${names.token} holds white space or characters that no token has: set it to the token alone`);
    return `Bearer ${bearer}`;
  }
  const user = username?.trim();
  if (!user) return undefined;
  if (password === undefined || password === '') throw new MlflowError(`${names.username} is set and ${names.password} is not: set both or none`);
  if (user.includes(':')) throw new MlflowError(`${names.username} holds a colon, which no name may: correct it`);
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
}
