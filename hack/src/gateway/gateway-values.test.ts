import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { GATEWAY, gatewayObjects, INSTALLED_ANNOTATION } from './gateway-objects.ts';
import { fillValues, ownSettings } from './gateway-values.ts';

const IMAGES = { controller: 'localhost/controller:1', envoy: 'localhost/envoy:2' };

test('the chart gets the image of this cluster, and pulls it from nowhere', () => {
  const filled = fillValues('image: ${GatewayImage}\npullPolicy: ${GatewayImagePullPolicy}\n', IMAGES);
  expect(filled).toBe('image: localhost/controller:1\npullPolicy: IfNotPresent\n');
});

test('a placeholder that a new version of the chart brings is named', () => {
  expect(() => fillValues('image: ${NewImage}', IMAGES)).toThrow('ask for NewImage');
});

test('every Envoy runs the image of this cluster, whoever makes its Gateway', () => {
  expect(ownSettings(IMAGES)).toContain('global.images.envoyProxy.image=localhost/envoy:2');
});

test('the Gateway takes routes of every namespace and carries the mark of the installation', () => {
  const objects = parseAllDocuments(gatewayObjects(IMAGES.envoy, 'v1')).map((document) => document.toJS() as { kind: string; metadata: { name: string; annotations?: Record<string, string> }; spec: object });
  expect(objects.map(({ kind }) => kind)).toEqual(['EnvoyProxy', 'GatewayClass', 'Gateway']);
  const gateway = objects[2];
  expect(gateway?.metadata).toMatchObject({ name: GATEWAY.name, namespace: GATEWAY.namespace, annotations: { [INSTALLED_ANNOTATION]: 'v1' } });
  expect(gateway?.spec).toMatchObject({ gatewayClassName: GATEWAY.className, listeners: [{ port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'All' } } }] });
});
