;;; What a user does in Emacs with eglot, and what comes of it, as JSON in $NIXLINT_RESULT.
;;; `emacs -Q --batch -L DIR… -l eglot.el`, with the directories of eglot and its dependencies.

(require 'json)
(require 'eglot)
(require 'flymake)
(require 'xref)

(define-derived-mode nix-mode prog-mode "Nix")
(setq eglot-connect-timeout 60
      eglot-sync-connect 60
      eglot-autoshutdown nil
      eglot-send-changes-idle-time 0
      eglot-confirm-server-initiated-edits nil
      flymake-no-changes-timeout 0.1)
(defvar result nil)

(defun keep (key value)
  (push (cons key value) result))

(defun wait-for (what condition)
  (let ((end (+ (float-time) 30)))
    (while (not (funcall condition))
      (when (> (float-time) end)
        (error "waited in vain for %s; diagnostics: %S" what (findings)))
      (accept-process-output nil 0.05))))

(defun findings ()
  (sort (mapcar (lambda (each)
                  (save-excursion
                    (goto-char (flymake-diagnostic-beg each))
                    (format "%d:%d %s" (line-number-at-pos)
                            (1+ (string-bytes
                                 (buffer-substring (line-beginning-position) (point))))
                            (rule-of each))))
                (flymake-diagnostics))
        #'string<))

(defun rule-of (diagnostic)
  (let ((text (flymake-diagnostic-text diagnostic)))
    (cond ((string-match "\\[\\([a-z-]+\\)\\]" text) (match-string 1 text))
          (t text))))

(defun go-to (line column)
  (goto-char (point-min))
  (forward-line (1- line))
  (forward-char (1- column)))

(defun replace-line (line text)
  (go-to line 1)
  (delete-region (point) (line-beginning-position 2))
  (insert text "\n")
  (eglot--signal-textDocument/didChange))

(defun insert-line (line text)
  (go-to line 1)
  (insert text "\n")
  (eglot--signal-textDocument/didChange))

(defun request (method &rest more)
  (eglot--signal-textDocument/didChange)
  (jsonrpc-request (eglot--current-server-or-lose) method
                   (append (eglot--TextDocumentPositionParams) more) :timeout 30))

(defun main ()
  (load (getenv "NIXLINT_SETTINGS") nil t t)
  (let ((noninteractive nil)) ; Without it, eglot starts nothing.
    (find-file "host.nix")
    (nix-mode)
    (run-hooks 'post-command-hook) ; `eglot-ensure' waits for the end of the command.
    (wait-for "the server" #'eglot-managed-p)
    (wait-for "diagnostics" (lambda () (= (length (flymake-diagnostics)) 1)))
    (keep 'diagnostics (vconcat (findings)))
    (insert-line 8 "  services.greeter.port = prot;")
    (wait-for "the new finding" (lambda () (= (length (flymake-diagnostics)) 2)))
    (keep 'edited (vconcat (findings)))
    (replace-line 8 "  services.greeter.port = 80;")
    (wait-for "the finding to go" (lambda () (= (length (flymake-diagnostics)) 1)))
    (let (hover)
      (wait-for "hover"
                (lambda ()
                  (go-to 8 22)
                  (setq hover (plist-get (plist-get (request :textDocument/hover) :contents) :value))
                  (and hover (string-match-p "16 bit unsigned integer" hover))))
      (keep 'hover hover))
    (insert-line 9 "  services.greeter.")
    (go-to 9 20)
    (let* ((answer (request :textDocument/completion))
           (items (if (vectorp answer) answer (plist-get answer :items))))
      (keep 'completion (vconcat (sort (mapcar (lambda (item) (plist-get item :label)) items)
                                       #'string<))))
    (go-to 9 1)
    (delete-region (point) (line-beginning-position 2))
    (eglot--signal-textDocument/didChange)
    (wait-for "whole text" (lambda () (= (length (flymake-diagnostics)) 1)))
    (go-to 3 33)
    (let* ((actions (eglot-code-actions (point) (point) "quickfix"))
           (chosen (seq-find (lambda (action) (eq (plist-get action :isPreferred) t)) actions))
           (edit (or (plist-get chosen :edit)
                     (plist-get (jsonrpc-request (eglot--current-server-or-lose)
                                                 :codeAction/resolve chosen)
                                :edit))))
      (eglot--apply-workspace-edit edit))
    (wait-for "the fix" (lambda () (= (length (flymake-diagnostics)) 0)))
    (keep 'fixed (string-trim-right (buffer-string)))
    (go-to 6 22)
    (let ((place (xref-item-location (car (xref-backend-definitions 'eglot "LSP identifier at point.")))))
      (keep 'definition (format "%s:%d" (file-name-nondirectory (xref-file-location-file place))
                                (xref-file-location-line place))))
    (go-to 7 22)
    (eglot--signal-textDocument/didChange)
    ;; eglot asks before it changes files that are not open; the user says yes.
    (cl-letf (((symbol-function 'y-or-n-p) (lambda (&rest _) t)))
      (eglot-rename "greeting"))
    (keep 'renamed
          `((host.nix . ,(string-trim-right (buffer-string)))
            (modules/greeter.nix
             . ,(with-current-buffer (find-file-noselect "modules/greeter.nix")
                  (string-trim-right (buffer-string))))))))

(let ((failure (condition-case problem (progn (main) nil) (error problem))))
  (when failure (keep 'error (format "%S" failure)))
  (with-temp-file (getenv "NIXLINT_RESULT") (insert (json-encode result)))
  (kill-emacs (if failure 1 0)))
