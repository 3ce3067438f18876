package filesystem

import "testing"

func TestNotice(t *testing.T) {
	for record, want := range map[string]string{
		"5,1021,63176960,-;nfs: server 10.0.2.2 not responding, timed out\n":                    "nfs: server 10.0.2.2 not responding, timed out",
		"5,1022,63176961,-,caller=T9;nfs: server h OK\n SUBSYSTEM=block\n DEVICE=+block:nbd0\n": "nfs: server h OK",
		"6,1023,63176962,-;NFS: Registering the id_resolver key type\n":                         "",
		"12,1024,63176963,-;somebody says nfs: server 10.0.2.2 not responding, timed out\n":     "",
		"": "",
	} {
		if got := notice(record); got != want {
			t.Errorf("%q: got %q, want %q", record, got, want)
		}
	}
}
