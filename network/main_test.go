package network

import (
	"testing"

	"bootrc/test/namespace"
)

func TestMain(m *testing.M) { namespace.Main(m) }
