package test

import (
	"context"

	"bootrc/s3/s3test"
	"bootrc/test/built"

	"github.com/rogpeppe/go-internal/testscript"
)

// s3Command starts a MinIO server with the buckets that it is given.
func s3Command(ts *testscript.TestScript, neg bool, buckets []string) {
	s := of(ts)
	if neg {
		ts.Fatalf("! has no meaning here")
	}
	server, err := s3test.NewServer(s3test.MinIO, s.dir)
	ts.Check(err)
	s.closers = append(s.closers, server.Kill)
	for _, bucket := range buckets {
		ts.Check(server.MakeBucket(context.Background(), bucket))
	}
	client, err := built.File("mc")
	ts.Check(err)
	ts.Setenv("MC", client)
	ts.Setenv("MC_CONFIG_DIR", ts.MkAbs(".mc"))
	ts.Setenv("MC_HOST_s3", "http://"+s3test.AccessKey+":"+s3test.SecretKey+"@"+server.Address)
	ts.Setenv("S3", "http://"+fromMachine(server.Address)+","+s3test.AccessKey+","+s3test.SecretKey)
}
