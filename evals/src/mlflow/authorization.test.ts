import { describe, expect, it } from 'vitest';
import { mlflowAuthorization } from './authorization.ts';

describe('the authorization at an MLflow server', () => {
  it.each([
    ['none', {}, undefined],
    ['none where the variables are empty', { MLFLOW_TRACKING_TOKEN: ' ', MLFLOW_TRACKING_USERNAME: '' }, undefined],
    ['a token', { MLFLOW_TRACKING_TOKEN: 'tok-1\n', MLFLOW_TRACKING_USERNAME: 'ada' }, 'Bearer tok-1'],
    ['a name and a password', { MLFLOW_TRACKING_USERNAME: 'ada', MLFLOW_TRACKING_PASSWORD: 'pä:ss' }, `Basic ${Buffer.from('ada:pä:ss').toString('base64')}`],
  ])('is %s', (_name, environment, header) => {
    expect(mlflowAuthorization(environment)).toBe(header);
  });

  it.each([
    ['a token of two lines', { MLFLOW_TRACKING_TOKEN: 'hunter2\nhunter2' }, 'MLFLOW_TRACKING_TOKEN holds white space'],
    ['a name without a password', { MLFLOW_TRACKING_USERNAME: 'hunter2' }, 'MLFLOW_TRACKING_PASSWORD is not: set both or none'],
    ['a name with a colon', { MLFLOW_TRACKING_USERNAME: 'a:hunter2', MLFLOW_TRACKING_PASSWORD: 'hunter2' }, 'MLFLOW_TRACKING_USERNAME holds a colon'],
  ])('refuses %s without repeating it', (_name, environment, sentence) => {
    expect(() => mlflowAuthorization(environment)).toThrow(sentence);
    expect(() => mlflowAuthorization(environment)).not.toThrow('hunter2');
  });
});
