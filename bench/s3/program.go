package main

import (
	"os"
	"os/exec"

	"bootrc/s3/s3test"
	"bootrc/test/built"
)

// A program is one that is compared, with its own defaults.
type program struct {
	Name string
	File string
	Env  []string
	// Args are those to make the destination like the source, one of which is a folder
	// and one a bucket.
	Args func(source, destination string) []string
	// Bucket is how the program is told of a bucket.
	Bucket func(name string) string
}

// programs are the peers and, as the last, ours.
func programs(ours string, server *s3test.Server, home string) ([]program, error) {
	mc, err := built.File("mc")
	if err != nil {
		return nil, err
	}
	s5cmd, err := built.File("s5cmd")
	if err != nil {
		return nil, err
	}
	rclone, err := exec.LookPath("rclone")
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(home, 0o755); err != nil {
		return nil, err
	}
	url := "http://" + server.Address
	env := []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")}
	alias := append(env, "MC_HOST_bench=http://"+s3test.AccessKey+":"+s3test.SecretKey+"@"+server.Address)
	aws := append(env, "AWS_ACCESS_KEY_ID="+s3test.AccessKey, "AWS_SECRET_ACCESS_KEY="+s3test.SecretKey, "AWS_REGION=us-east-1")
	remote := append(env, "RCLONE_CONFIG=/dev/null", "RCLONE_CONFIG_BENCH_TYPE=s3", "RCLONE_CONFIG_BENCH_PROVIDER=Minio",
		"RCLONE_CONFIG_BENCH_ENDPOINT="+url, "RCLONE_CONFIG_BENCH_ACCESS_KEY_ID="+s3test.AccessKey,
		"RCLONE_CONFIG_BENCH_SECRET_ACCESS_KEY="+s3test.SecretKey)
	return []program{
		{"mc", mc, alias,
			func(src, dst string) []string { return []string{"mirror", "--quiet", "--overwrite", src, dst} },
			func(name string) string { return "bench/" + name }},
		{"rclone", rclone, remote,
			func(src, dst string) []string { return []string{"copy", src, dst} },
			func(name string) string { return "bench:" + name }},
		{"s5cmd", s5cmd, aws,
			func(src, dst string) []string {
				return []string{"--endpoint-url", url, "--log", "error", "sync", slash(src), dst}
			},
			func(name string) string { return "s3://" + name }},
		{"s3sync", ours, alias,
			func(src, dst string) []string { return []string{"s3sync", "-q", "--overwrite", src, dst} },
			func(name string) string { return "bench/" + name }},
	}, nil
}

// slash makes what s5cmd takes for the content of a folder or bucket.
func slash(source string) string {
	if source[0] == '/' {
		return source + "/"
	}
	return source + "/*"
}
