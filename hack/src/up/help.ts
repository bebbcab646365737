export const UP_HELP = `usage: ./hack/up [options]

Brings up a Kubernetes cluster with the Sluice operator in it and tells the story: a good release of an agent is promoted, one with a
bad prompt is stopped before it gets traffic, one that fails on live traffic is rolled back by itself, all under continuous load.
A second run reuses everything that has not changed.

Options
  --context NAME            use the cluster behind this kubectl context; nothing is made but the namespaces sluice-system and
                            sluice-demo, the CRDs and RBAC of the chart. Needs the images in a registry:
  --operator-image REF        image of Dockerfile.operator
  --runtime-image REF         image of Dockerfile.runtime
  --test-tools-image REF      image of test/Dockerfile (for the story)
                            The three also work without --context; then nothing is built.
  --no-story                install, and tell no story
  --again                   tell the story though this version has told it in this cluster
  --name NAME               name of the cluster (default: sluice); another name is another cluster beside the first
  --state FOLDER            where clusters keep their state, one folder each (default: .cluster; relative to the clone)
  -v, --verbose             show the output of helm and kubectl as it comes
  -h, --help                this text

Which cluster
  --context if given; else kind where a Docker engine answers; else, on Linux as root, a node of this machine's own: etcd, API server,
  controllers, kubelet, containerd and CoreDNS in a network namespace.

Environment
  SLUICE_CACHE              folder for built tools and images (default: $XDG_CACHE_HOME/sluice or ~/.cache/sluice)
  SLUICE_NODE_IMAGE         base of the images instead of the public default in the Dockerfiles; it brings node, npm and Debian's tools
  KUBECONFIG                where --context is looked up, as kubectl does
  HTTP_PROXY, HTTPS_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS, npm's own settings
                            used for downloads, and handed to the image builds as secrets or arguments that no layer keeps

What it needs, installs and writes
  Node.js 20 or newer with npm. Dependencies go to node_modules (npm ci). On Debian as root, missing packages are installed by apt-get
  (buildah, containernetworking-plugins, iptables, mmdebstrap, nftables, runc and the like); otherwise they are named in one line.
  The cluster and its kubeconfig are in .cluster/NAME, the log of the last run in .cluster/NAME.log, tools and images in the cache.
  Where no registry answers, the base of the images is made from Debian's packages and the npm package "node".

How to remove it
  ./hack/down               everything that up made; the cache stays, so that the next run starts warm
  rm -r ~/.cache/sluice     the cache
`;
