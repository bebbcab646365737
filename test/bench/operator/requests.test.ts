import { expect, it } from 'vitest';
import { countRequests } from './requests.ts';

it('counts what writes, without heartbeats', () => {
  const page = `# TYPE apiserver_request_total counter
apiserver_request_total{code="201",resource="pods",verb="POST"} 5
apiserver_request_total{code="200",resource="pods",subresource="status",verb="PATCH"} 2
apiserver_request_total{code="200",resource="leases",verb="PUT"} 100
apiserver_request_total{code="200",resource="pods",verb="LIST"} 100
apiserver_request_duration_seconds_count{resource="pods",verb="POST"} 100
`;
  expect(countRequests(page)).toBe(7);
});
