// Pins the modules whose CRDs the lab installs; there is no Go code here, so `go mod tidy` would empty it.
module lab/crds

go 1.26.0

require (
	sigs.k8s.io/gateway-api v1.6.3
	sigs.k8s.io/network-policy-api v0.1.1
)
