package registry

import (
	"reflect"
	"testing"
)

func TestParseChallenges(t *testing.T) {
	type challenges = map[string]map[string]string
	tests := []struct {
		headers []string
		want    challenges
	}{
		{nil, challenges{}},
		{[]string{`Basic realm="Registry"`}, challenges{"basic": {"realm": "Registry"}}},
		{[]string{`Bearer realm="https://a/t",service="s",scope="repository:a/b:pull,push"`},
			challenges{"bearer": {"realm": "https://a/t", "service": "s", "scope": "repository:a/b:pull,push"}}},
		{[]string{`BEARER Realm = "a\"b\\" , Service=s`}, challenges{"bearer": {"realm": `a"b\`, "service": "s"}}},
		{[]string{`Negotiate, Basic realm="x"`}, challenges{"negotiate": {}, "basic": {"realm": "x"}}},
		{[]string{`Negotiate`, `Basic realm=x`}, challenges{"negotiate": {}, "basic": {"realm": "x"}}},
		{[]string{`realm="x"`}, challenges{}},
		{[]string{`="x", = ,`}, challenges{}},
		{[]string{`Bearer realm="never ends`}, challenges{"bearer": {"realm": "never ends"}}},
	}
	for _, test := range tests {
		if got := parseChallenges(test.headers); !reflect.DeepEqual(got, test.want) {
			t.Errorf("%q: got %v, want %v", test.headers, got, test.want)
		}
	}
}
