import { MlflowError } from './mlflow-error.ts';

/**
 * The value of the authorization header by the variables that MLflow's own clients read: MLFLOW_TRACKING_TOKEN, or
 * MLFLOW_TRACKING_USERNAME with MLFLOW_TRACKING_PASSWORD; undefined without them. Throws MlflowError, whose text holds no value.
 */
export function mlflowAuthorization(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const token = environment['MLFLOW_TRACKING_TOKEN']?.trim();
  if (token) {
    if (!/^[\x21-\x7e]+$/.test(token)) throw new MlflowError('MLFLOW_TRACKING_TOKEN holds white space or characters that no token has: set it to the token alone');
    return `Bearer ${token}`;
  }
  const user = environment['MLFLOW_TRACKING_USERNAME']?.trim();
  if (!user) return undefined;
  const password = environment['MLFLOW_TRACKING_PASSWORD'];
  if (password === undefined || password === '') throw new MlflowError('MLFLOW_TRACKING_USERNAME is set and MLFLOW_TRACKING_PASSWORD is not: set both or none');
  if (user.includes(':')) throw new MlflowError('MLFLOW_TRACKING_USERNAME holds a colon, which no name may: correct it');
  return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
}
