package s3test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"bootrc/test/built"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// The keys of every server's only user.
const (
	AccessKey = "bootrc-access"
	SecretKey = "bootrc-secret"
)

// A Kind is a program that serves S3.
type Kind struct {
	Name string
	// arguments are those to serve dir at address.
	arguments func(dir, address string) []string
	// health is the path that answers 200 once it serves; "" for any answer at all.
	health string
	secure bool // by https
	// Lacks names, between blanks, what the server cannot keep: see the tests.
	Lacks string
}

// Kinds of servers: MinIO, and versitygw, which keeps objects as plain files.
var (
	MinIO = Kind{
		Name: "minio",
		arguments: func(dir, address string) []string {
			return []string{"server", "--quiet", "--address", address, "--console-address", "127.0.0.1:0", dir}
		},
		health: "/minio/health/ready",
	}
	// SecureMinIO is MinIO by https, which it wants for keys that clients bring.
	SecureMinIO = Kind{
		Name: MinIO.Name,
		arguments: func(dir, address string) []string {
			return append(MinIO.arguments(dir, address), "--certs-dir", dir+".certs")
		},
		health: MinIO.health,
		secure: true,
	}
	Versity = Kind{
		Name: "versitygw",
		arguments: func(dir, address string) []string {
			return []string{"--port", address, "--keep-alive", "--quiet", "--health", "/health", "posix", dir}
		},
		health: "/health",
	}
	// Rclone is `rclone serve s3`, which keeps objects as plain files, and metadata but
	// times in memory.
	Rclone = Kind{
		Name: "rclone",
		arguments: func(dir, address string) []string {
			return []string{"serve", "s3", "--auth-key", AccessKey + "," + SecretKey, "--addr", address,
				"--config", dir + ".conf", dir}
		},
		Lacks: "folders",
	}
	// SeaweedFS has a master, a volume server and a filer behind its gateway: ten ports.
	SeaweedFS = Kind{
		Name: "weed",
		arguments: func(dir, address string) []string {
			_, port, _ := strings.Cut(address, ":")
			arguments := []string{"-logtostderr", "server", "-dir", dir, "-ip", "127.0.0.1", "-s3", "-s3.port", port, "-s3.allowBackslashInKey",
				"-s3.port.iceberg", "0", "-s3.port.lance", "0", "-master.volumeSizeLimitMB", "64", "-volume.max", "0"}
			for _, part := range []string{"master.port", "volume.port", "filer.port", "s3.port.grpc", "master.port.grpc", "volume.port.grpc", "filer.port.grpc"} {
				address, err := freeAddress()
				if err != nil {
					panic(err)
				}
				_, port, _ := strings.Cut(address, ":")
				arguments = append(arguments, "-"+part, port)
			}
			return arguments
		},
		health: "/healthz",
		Lacks:  "folders",
	}
)

// A Server is a running program that serves S3 on loopback.
type Server struct {
	Kind    Kind
	Address string // 127.0.0.1:PORT; another one after each Start

	// Certificate is the file of the one to trust, where the server has one.
	Certificate string

	dir     string
	command *exec.Cmd
	log     *os.File
	ended   chan struct{}
}

// NewServer starts a server that keeps its data below dir.
func NewServer(kind Kind, dir string) (*Server, error) {
	s := &Server{Kind: kind, dir: filepath.Join(dir, kind.Name)}
	if err := os.MkdirAll(s.dir, 0o755); err != nil {
		return nil, err
	}
	if kind.secure {
		s.Certificate = filepath.Join(s.dir+".certs", "public.crt")
		if err := writeCertificate(s.dir + ".certs"); err != nil {
			return nil, err
		}
	}
	return s, s.Start()
}

// URL is http://127.0.0.1:PORT, or https.
func (s *Server) URL() string {
	if s.Kind.secure {
		return "https://" + s.Address
	}
	return "http://" + s.Address
}

// attempts is how often a port is chosen: between its choice by the kernel and
// the server's use of it, another process may have got it.
const attempts = 3

// Start starts the server, with the data that it has, at an address that the
// kernel chooses.
func (s *Server) Start() (err error) {
	for range attempts {
		if s.Address, err = freeAddress(); err != nil {
			return err
		}
		if err = s.startHere(); err == nil {
			return nil
		}
		s.Kill()
	}
	return err
}

func freeAddress() (string, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func (s *Server) startHere() error {
	file, err := built.File(s.Kind.Name)
	if err != nil {
		return err
	}
	if s.log, err = os.Create(s.dir + ".log"); err != nil {
		return err
	}
	s.command = exec.Command(file, s.Kind.arguments(s.dir, s.Address)...)
	s.command.Stdout, s.command.Stderr = s.log, s.log
	s.command.Env = append(os.Environ(),
		"MINIO_ROOT_USER="+AccessKey, "MINIO_ROOT_PASSWORD="+SecretKey, "MINIO_UPDATE=off",
		"MINIO_KMS_SECRET_KEY=bootrc:"+kmsKey,
		"ROOT_ACCESS_KEY="+AccessKey, "ROOT_SECRET_KEY="+SecretKey,
		"AWS_ACCESS_KEY_ID="+AccessKey, "AWS_SECRET_ACCESS_KEY="+SecretKey)
	// in a group of its own: ctrl-c at the tests does not reach it before them
	s.command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if err := s.command.Start(); err != nil {
		return err
	}
	s.ended = make(chan struct{})
	go func() {
		s.command.Wait()
		close(s.ended)
	}()
	return s.awaitHealth()
}

// kmsKey lets MinIO encrypt on its side: 32 bytes in base64.
const kmsKey = "Ym9vdHJjIGJvb3RyYyBib290cmMgYm9vdHJjIHRlc3Q="

// awaitHealth waits until the server serves.
func (s *Server) awaitHealth() error {
	deadline := time.After(time.Minute)
	transport, err := s.transport()
	if err != nil {
		return err
	}
	client := http.Client{Transport: transport}
	defer client.CloseIdleConnections()
	for {
		if answer, err := client.Get(s.URL() + s.Kind.health); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK || s.Kind.health == "" {
				return nil
			}
		}
		select {
		case <-s.ended:
			log, _ := os.ReadFile(s.log.Name())
			return fmt.Errorf("%s ended at its start: %s", s.Kind.Name, log)
		case <-deadline:
			return fmt.Errorf("%s does not serve at %s", s.Kind.Name, s.Address)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Kill ends the server as a power cut would, and waits for its end.
func (s *Server) Kill() {
	if s.ended == nil {
		return
	}
	s.command.Process.Kill()
	<-s.ended
	s.log.Close()
	s.ended = nil
}

// Client returns a client of the server.
func (s *Server) Client() (*minio.Client, error) {
	transport, err := s.transport()
	if err != nil {
		return nil, err
	}
	return minio.New(s.Address, &minio.Options{
		Creds: credentials.NewStaticV4(AccessKey, SecretKey, ""), Secure: s.Kind.secure, Transport: transport,
	})
}

// transport trusts the server's certificate.
func (s *Server) transport() (*http.Transport, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if s.Certificate == "" {
		return transport, nil
	}
	text, err := os.ReadFile(s.Certificate)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	return transport, nil
}

// MakeBucket makes a bucket that is not there yet.
func (s *Server) MakeBucket(ctx context.Context, name string) error {
	client, err := s.Client()
	if err != nil {
		return err
	}
	err = client.MakeBucket(ctx, name, minio.MakeBucketOptions{})
	var answer minio.ErrorResponse
	if errors.As(err, &answer) && answer.Code == "BucketAlreadyOwnedByYou" {
		return nil
	}
	return err
}
