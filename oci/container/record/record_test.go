package record

import (
	"fmt"
	"testing"
	"time"
)

// What has ended for good is forgotten when there is much of it, those that ended first first.
func TestForgetOld(t *testing.T) {
	f := Folder(t.TempDir() + "/records")
	begin := time.Now()
	put := func(name, status string, ended int) {
		f.Begin(&Record{Name: name, State: State{Status: status, FinishedAt: begin.Add(time.Duration(ended) * time.Second)}})
	}
	put("waits", Exited, 0)
	f.SetStatus("waits", Restarting)
	put("runs", Running, 0)
	for n := range maxEnded + 1 {
		put(fmt.Sprintf("job%d", n), Exited, n)
	}
	for name, there := range map[string]bool{"waits": true, "runs": true, "job0": false, "job1": true, fmt.Sprintf("job%d", maxEnded): true} {
		if _, err := f.Get(name); (err == nil) != there {
			t.Errorf("%s: %v", name, err)
		}
	}
}
