import { expect, test } from 'vitest';
import { definitionNames } from './gateway-crds.ts';

test('the definitions are told from the other objects of the chart', () => {
  const yaml = [
    'kind: CustomResourceDefinition\nmetadata:\n  annotations:\n    name: no\n  name: httproutes.example.org\nspec:\n  names:\n    kind: HTTPRoute\n',
    'kind: ValidatingAdmissionPolicy\nmetadata:\n  name: safe-upgrades.example.org\n',
    'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: gateways.example.org\n',
  ].join('---\n');
  expect(definitionNames(yaml)).toEqual(['httproutes.example.org', 'gateways.example.org']);
});
